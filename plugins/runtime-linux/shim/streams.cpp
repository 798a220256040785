#include "shim/streams.hpp"

#include <sys/epoll.h>
#include <unistd.h>
#include <cerrno>

#include "shim/process.hpp"

namespace gantry::runtime_linux::shim {
namespace {

constexpr std::size_t chunk = 64 * 1024;
/// More than this after the end of a process comes from someone else who still holds its pipe.
constexpr std::size_t max_drain = 2 << 20;

char shared_chunk[chunk];

} // namespace

Output::Output(Loop& loop, Process& process, StreamKind kind, UniqueFd fd) : Handler(loop), process_(process), kind_(kind) {
  open(static_cast<UniqueFd&&>(fd), EPOLLIN);
}

bool Output::read_once() {
  const ssize_t n = ::read(fd(), shared_chunk, chunk);
  if (n > 0) {
    loop_.pace().output(static_cast<std::size_t>(n));
    process_.on_output(kind_, shared_chunk, static_cast<std::size_t>(n));
    return true;
  }
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  // End of file; EIO is a terminal's way to say that nobody has it open any more.
  close();
  process_.on_output_end(kind_);
  return false;
}

void Output::on_event(std::uint32_t) {
  if (process_.is_muted()) return; // a hang-up, which the runtime's exit explains
  read_once();
  process_.balance();
}

void Output::discard() {
  if (process_.tty()) return; // what it holds was written by nobody else
  while (::read(fd(), shared_chunk, chunk) > 0) {
  }
}

void Output::drain() {
  for (std::size_t taken = 0; taken < max_drain && is_open() && read_once(); taken += chunk / 16) {
  }
  if (!is_open()) return;
  close();
  process_.on_output_end(kind_);
}

Input::Input(Loop& loop, Process& process, UniqueFd fd) : Handler(loop), process_(process) {
  open(static_cast<UniqueFd&&>(fd), 0);
}

void Input::write(const char* data, std::size_t size) {
  if (!is_open()) return;
  if (pending_.empty()) {
    const ssize_t n = ::write(fd(), data, size);
    if (n < 0 && errno != EAGAIN && errno != EINTR) return close();
    if (n > 0) data += n, size -= static_cast<std::size_t>(n);
  }
  pending_.append(data, size);
  want(pending_.empty() ? 0U : std::uint32_t{EPOLLOUT});
}

bool Input::write_pending() {
  while (!pending_.empty()) {
    const ssize_t n = ::write(fd(), pending_.data(), pending_.size());
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    pending_.drop(static_cast<std::size_t>(n));
  }
  return true;
}

void Input::on_event(std::uint32_t events) {
  const bool broken = !(events & EPOLLOUT) && events & (EPOLLERR | EPOLLHUP);
  if (broken || !write_pending()) {
    pending_.clear();
    close();
  } else if (pending_.empty()) {
    want(0);
    if (ending_) close();
  }
  process_.on_stdin_writable();
}

void Input::end() {
  ending_ = true;
  if (pending_.empty()) close();
}

} // namespace gantry::runtime_linux::shim
