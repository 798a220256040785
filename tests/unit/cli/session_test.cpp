#include "cli/streams/session.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>
#include <thread>
#include <utility>

#include "cli/failure.hpp"

namespace gantry::cli {
namespace {

/// What a session in a process of its own is connected with.
struct Ends {
  UniqueFd daemon, input, output;
  pid_t client = -1;

  ~Ends() {
    if (client > 0) ::kill(client, SIGKILL);
    if (client > 0) ::waitpid(client, nullptr, 0);
  }
  int exit_code() {
    int status = 0;
    ::waitpid(std::exchange(client, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
};

[[noreturn]] void be_client(int socket, int input, int output, bool stops) {
  ::dup2(input, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  try {
    Session::Options options;
    options.standard_input = !stops;
    options.take_signals = true;
    Session session({UniqueFd(socket)}, std::move(options));
    const auto stop = [&] { return ::send(socket, "x", 1, 0) == 1; };
    session.run(stops ? STDIN_FILENO : -1, stop);
    ::_exit(0);
  } catch (const Failure& failure) {
    ::_exit(failure.code());
  } catch (...) {
    ::_exit(1);
  }
}

/// `stops`: as if the container ended when the input does; then it says "x".
void start(Ends& ends, bool stops = false) {
  std::array<int, 2> stream{}, in{}, out{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, stream.data()), 0);
  ASSERT_EQ(::pipe2(in.data(), O_CLOEXEC), 0);
  ASSERT_EQ(::pipe2(out.data(), O_CLOEXEC), 0);
  ends.daemon.reset(stream[0]);
  ends.input.reset(in[1]);
  ends.output.reset(out[0]);
  ends.client = ::fork();
  if (ends.client == 0) {
    ends.daemon.reset();
    ends.input.reset();
    ends.output.reset();
    be_client(stream[1], in[0], out[1], stops);
  }
  for (const int fd : {stream[1], in[0], out[1]}) ::close(fd);
}

std::string frame(const std::string& content) {
  std::string head("\1\0\0\0\0\0\0\0", 8);
  for (std::size_t i = 0; i < 4; ++i) head[4 + i] = static_cast<char>(content.size() >> (24 - 8 * i) & 0xff);
  return head + content;
}

/// As much as the client takes without its output being read.
std::size_t send_until_full(int fd, const std::string& piece) {
  std::size_t sent = 0;
  for (pollfd ready{fd, POLLOUT, 0}; sent < std::size_t{64} << 20 && ::poll(&ready, 1, 500) == 1;) {
    std::size_t done = 0;
    while (done < piece.size()) {
      const ssize_t n = ::send(fd, piece.data() + done, piece.size() - done, MSG_DONTWAIT);
      if (n < 0 && done == 0) return sent;
      if (n < 0) ::poll(&ready, 1, 500);
      if (n < 0 && (ready.revents & POLLOUT) == 0) return sent + done;
      done += static_cast<std::size_t>(std::max<ssize_t>(n, 0));
    }
    sent += done;
  }
  return sent;
}

std::string read_some(int fd, int timeout_ms) {
  pollfd ready{fd, POLLIN, 0};
  std::array<char, 65536> chunk;
  if (::poll(&ready, 1, timeout_ms) != 1) return "(nothing)";
  const ssize_t n = ::read(fd, chunk.data(), chunk.size());
  return {chunk.data(), static_cast<std::size_t>(std::max<ssize_t>(n, 0))};
}

TEST(Session, passes_input_on_while_nobody_reads_its_output) {
  Ends ends;
  ASSERT_NO_FATAL_FAILURE(start(ends));
  const std::string piece = frame(std::string(60'000, 'o'));
  const std::size_t sent = send_until_full(ends.daemon.get(), piece);
  EXPECT_LT(sent, std::size_t{8} << 20) << "what waits for a reader is bounded";
  ASSERT_EQ(::write(ends.input.get(), "hello", 5), 5);
  EXPECT_EQ(read_some(ends.daemon.get(), 30'000), "hello");
  ends.input.reset();
  EXPECT_EQ(read_some(ends.daemon.get(), 30'000), "") << "the end of the input is passed on too";
  // Now somebody reads: all of it comes, in order.
  std::size_t content = 0;
  std::string rest = piece.substr(sent % piece.size());
  if (sent % piece.size() == 0) rest.clear();
  for (bool ended = false;;) {
    if (!rest.empty()) {
      const ssize_t n = ::send(ends.daemon.get(), rest.data(), rest.size(), MSG_DONTWAIT);
      if (n > 0) rest.erase(0, static_cast<std::size_t>(n));
    }
    if (rest.empty() && !std::exchange(ended, true)) ends.daemon.reset();
    const std::string got = read_some(ends.output.get(), 30'000);
    if (got.empty()) break;
    EXPECT_EQ(got.find_first_not_of('o'), std::string::npos);
    content += got.size();
  }
  EXPECT_EQ(content, (sent + piece.size() - 1) / piece.size() * 60'000);
  EXPECT_EQ(ends.exit_code(), 0);
}

TEST(Session, whose_output_nobody_reads_ends_by_an_interrupt) {
  for (const int signal : {SIGINT, SIGTERM}) {
    Ends ends;
    ASSERT_NO_FATAL_FAILURE(start(ends, true));
    const std::string piece = frame(std::string(300'000, 'o'));
    ASSERT_EQ(::send(ends.daemon.get(), piece.data(), piece.size(), 0), static_cast<ssize_t>(piece.size()));
    ends.input.reset();
    ASSERT_EQ(read_some(ends.daemon.get(), 30'000), "x");
    ::kill(ends.client, signal);
    EXPECT_EQ(ends.exit_code(), 128 + signal);
  }
}

TEST(Session, ends_when_all_of_its_output_is_written) {
  Ends ends;
  ASSERT_NO_FATAL_FAILURE(start(ends));
  const std::string small = frame("small"), large = frame(std::string(300'000, 'l'));
  std::thread daemon([&] {
    for (const auto& piece : {small, large, small})
      EXPECT_EQ(::send(ends.daemon.get(), piece.data(), piece.size(), 0), static_cast<ssize_t>(piece.size()));
    ends.daemon.reset();
  });
  std::string all;
  for (std::string got = read_some(ends.output.get(), 30'000); !got.empty(); got = read_some(ends.output.get(), 30'000))
    all += got;
  daemon.join();
  EXPECT_EQ(all, "small" + std::string(300'000, 'l') + "small");
  EXPECT_EQ(ends.exit_code(), 0);
}

} // namespace
} // namespace gantry::cli
