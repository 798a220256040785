#include "cli/streams/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

namespace gantry::cli {

bool is_terminal(int fd) { return ::isatty(fd) == 1; }

std::pair<unsigned, unsigned> terminal_size(int fd) {
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0) return {0, 0};
  return {size.ws_row, size.ws_col};
}

RawMode::RawMode(int fd) : fd_(fd) {
  if (::tcgetattr(fd, &saved_) != 0) return;
  termios raw = saved_;
  ::cfmakeraw(&raw);
  active_ = ::tcsetattr(fd, TCSANOW, &raw) == 0;
}

RawMode::~RawMode() {
  if (active_) ::tcsetattr(fd_, TCSANOW, &saved_);
}

} // namespace gantry::cli
