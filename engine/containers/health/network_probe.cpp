#include "containers/health/network_probe.hpp"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.hpp"
#include "base/time.hpp"
#include "containers/health/netns_socket.hpp"
#include "containers/health/probe_output.hpp"

namespace gantry::containers {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t longest_answer = 16 * 1024;
/// For the text behind the head of a bad answer; a good one needs none.
constexpr std::chrono::nanoseconds body_time = 250ms;

/// What became of the connection or of the request.
struct Step {
  bool done = false;
  std::string error; ///< empty when not done: the time ran out
};

std::string request_text(const ProbeTarget& target) {
  const std::string& address = target.addresses.front();
  const std::string host = address.find(':') == std::string::npos ? address : "[" + address + "]";
  return "GET " + target.path + " HTTP/1.1\r\nHost: " + host + ":" + std::to_string(target.port) +
         "\r\nUser-Agent: gantry-probe\r\nAccept: */*\r\nConnection: close\r\n\r\n";
}

std::string where(const std::string& address, const ProbeTarget& target) {
  return address + " port " + std::to_string(target.port);
}

Task<Step> await_connection(int socket, const ProbeDeadline& deadline) {
  Step step;
  const bool ready = co_await ready_for(socket, Direction::write, deadline.left());
  if (!ready) co_return step;
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error == 0) {
    step.done = true;
  } else {
    step.error = std::string("connect: ") + std::strerror(error);
  }
  co_return step;
}

/// One that accepts, or why none did.
Task<Step> connect(PartsPtr parts, std::shared_ptr<UniqueFd> process, const ProbeTarget& target, const ProbeDeadline& deadline,
                   UniqueFd& socket) {
  Step last;
  for (const std::string& address : target.addresses) {
    Step step;
    auto job = [process, address, port = target.port, step = &step] {
      try {
        return connect_in_netns(process->get(), address, port);
      } catch (const std::exception& e) {
        step->error = e.what();
        return UniqueFd();
      }
    };
    socket = co_await on(parts->probe_pool(), std::move(job));
    if (socket) step = co_await await_connection(socket.get(), deadline);
    if (step.done || step.error.empty()) co_return step;
    // The first address is the one that was meant; the other one is tried because it may have been meant too.
    if (last.error.empty()) last.error = where(address, target) + ": " + step.error;
  }
  co_return last;
}

bool has_head(const std::string& answer) { return answer.find("\r\n\r\n") != std::string::npos; }

/// Until `enough` says so, the server ends, the answer is too long or the time is over. False in the last case.
Task<bool> receive(int socket, const ProbeDeadline& deadline, std::string& answer, bool (*enough)(const std::string&)) {
  char bytes[4096];
  while (answer.size() < longest_answer && !enough(answer)) {
    const bool ready = co_await ready_for(socket, Direction::read, deadline.left());
    if (!ready) co_return false;
    const ssize_t n = ::recv(socket, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (n <= 0) break;
    answer.append(bytes, static_cast<std::size_t>(n));
  }
  co_return true;
}

/// The exit code and the text of an answer.
void judge(const std::string& answer, ProbeResult& result) {
  ProbeOutput output;
  const auto status = http_status(answer);
  result.exit_code = status && *status >= 200 && *status < 400 ? 0 : 1;
  if (!status) {
    output.append(answer.empty() ? "the server closed the connection without an answer" : "not an HTTP answer: ");
    output.append(answer);
  } else {
    const std::size_t head = answer.find("\r\n\r\n");
    output.append(std::string_view(answer).substr(0, answer.find('\r')));
    if (result.exit_code != 0 && head != std::string::npos && head + 4 < answer.size()) {
      output.append("\n");
      output.append(std::string_view(answer).substr(head + 4));
    }
  }
  result.output = output.text();
}

Task<bool> ask(int socket, const ProbeTarget& target, const ProbeDeadline& deadline, ProbeResult& result) {
  const std::string request = request_text(target);
  // It fits into the buffer of a fresh connection.
  if (::send(socket, request.data(), request.size(), MSG_DONTWAIT | MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) {
    result.output = std::string("send the request: ") + std::strerror(errno);
    co_return true;
  }
  std::string answer;
  const bool in_time = co_await receive(socket, deadline, answer, has_head);
  if (!in_time) co_return false;
  const auto status = http_status(answer);
  if (has_head(answer) && status && *status >= 400) {
    const ProbeDeadline a_little_longer(std::min(deadline.left(), body_time));
    auto never = [](const std::string&) { return false; };
    (void)co_await receive(socket, a_little_longer, answer, never);
  }
  judge(answer, result);
  co_return true;
}

std::shared_ptr<UniqueFd> open_process(std::int32_t pid) {
  return std::make_shared<UniqueFd>(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

} // namespace

std::optional<int> http_status(std::string_view head) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  // "HTTP/1.1 200 OK"
  if (!head.starts_with("HTTP/1.") || head.size() < 13 || !is_digit(head[7]) || head[8] != ' ') return std::nullopt;
  int status = 0;
  for (const char c : head.substr(9, 3)) {
    if (!is_digit(c)) return std::nullopt;
    status = status * 10 + (c - '0');
  }
  if (head[12] != ' ' && head[12] != '\r') return std::nullopt;
  return status;
}

NetworkProbe::NetworkProbe(PartsPtr parts, EntryPtr entry)
    : parts_(std::move(parts)), entry_(std::move(entry)), process_(open_process(entry_->snapshot()->pid)) {}

Task<ProbeResult> NetworkProbe::run(const ProbeTarget& target, std::chrono::nanoseconds timeout) {
  ProbeResult result;
  result.start_ns = now_ns();
  result.exit_code = 1;
  const ProbeDeadline deadline(timeout);
  UniqueFd socket;
  const Step connection = co_await connect(parts_, process_, target, deadline, socket);
  bool in_time = connection.done || !connection.error.empty();
  result.output = target.url + ": " + (connection.done ? "connected" : connection.error);
  if (connection.done && target.kind == ProbeTarget::Kind::tcp) result.exit_code = 0;
  if (connection.done && target.kind == ProbeTarget::Kind::http) in_time = co_await ask(socket.get(), target, deadline, result);
  if (!in_time) {
    result.exit_code = -1;
    result.output = timeout_text(timeout, ProbeOutput());
  }
  result.end_ns = now_ns();
  co_return result;
}

} // namespace gantry::containers
