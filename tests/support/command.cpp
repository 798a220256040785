#include "support/command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>

extern char** environ;

namespace gantry::test {
namespace {

void close_fd(int& fd) {
  if (fd >= 0) ::close(fd);
  fd = -1;
}

std::vector<std::string> environment(const std::map<std::string, std::string>& extra) {
  std::vector<std::string> env;
  for (char** entry = environ; *entry; ++entry) {
    const std::string name(*entry, std::strcspn(*entry, "="));
    if (!extra.count(name)) env.emplace_back(*entry);
  }
  for (const auto& [name, value] : extra) env.push_back(name + "=" + value);
  return env;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (auto& s : strings) result.push_back(s.data());
  result.push_back(nullptr);
  return result;
}

} // namespace

Command::Command(const std::vector<std::string>& argv, const CommandOptions& options)
    : deadline_(std::chrono::steady_clock::now() + options.deadline) {
  int in[2], out[2], err[2];
  if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC)) throw std::runtime_error("pipe2");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  posix_spawn_file_actions_adddup2(&actions, err[1], 2);
  auto args = argv;
  auto env = environment(options.env);
  const int failed = posix_spawnp(&pid_, args[0].c_str(), &actions, nullptr, pointers(args).data(), pointers(env).data());
  posix_spawn_file_actions_destroy(&actions);
  for (int fd : {in[0], out[1], err[1]}) ::close(fd);
  in_ = in[1];
  out_ = out[0];
  err_ = err[0];
  if (failed) throw std::system_error(failed, std::generic_category(), argv[0]);
  if (!options.input.empty()) {
    write(options.input);
    close_input();
  }
}

Command::Command(Command&& o) noexcept
    : pid_(std::exchange(o.pid_, -1)),
      in_(std::exchange(o.in_, -1)),
      out_(std::exchange(o.out_, -1)),
      err_(std::exchange(o.err_, -1)),
      output_(std::move(o.output_)),
      deadline_(o.deadline_) {}

Command::~Command() {
  close_fd(in_);
  close_fd(out_);
  close_fd(err_);
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void Command::signal(int signo) const {
  if (pid_ > 0) ::kill(pid_, signo);
}

void Command::write(const std::string& bytes) {
  // The child may end before it has read everything: that is its business, not an error of the test.
  struct sigaction ignore {
  }, before{};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, &before);
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t n = ::write(in_, bytes.data() + done, bytes.size() - done);
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
  }
  sigaction(SIGPIPE, &before, nullptr);
}

void Command::close_input() { close_fd(in_); }

void Command::read_into(int& fd, std::string& text) {
  char buffer[65536];
  const ssize_t n = ::read(fd, buffer, sizeof buffer);
  if (n > 0)
    text.append(buffer, static_cast<std::size_t>(n));
  else
    close_fd(fd);
}

/// One round of reading; false when both outputs have ended or the time is over.
bool Command::pump(std::chrono::steady_clock::time_point until) {
  if (out_ < 0 && err_ < 0) return false;
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
  if (left <= 0) return false;
  pollfd fds[2] = {{out_, POLLIN, 0}, {err_, POLLIN, 0}};
  if (poll(fds, 2, static_cast<int>(left)) < 0) return errno == EINTR;
  if (fds[0].revents) read_into(out_, output_.out);
  if (fds[1].revents) read_into(err_, output_.err);
  return true;
}

bool Command::wait_for_output(const std::string& text, std::chrono::seconds deadline) {
  const auto until = std::chrono::steady_clock::now() + deadline;
  while (output_.out.find(text) == std::string::npos)
    if (!pump(until)) return false;
  return true;
}

Output Command::finish() {
  close_input();
  while (pump(deadline_)) {
  }
  int status = 0;
  if (out_ >= 0 || err_ >= 0) {
    ::kill(pid_, SIGKILL);
    waitpid(pid_, &status, 0);
    output_.code = -1;
  } else {
    waitpid(pid_, &status, 0);
    output_.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  pid_ = -1;
  return output_;
}

Output run(const std::vector<std::string>& argv, const CommandOptions& options) { return Command(argv, options).finish(); }

} // namespace gantry::test
