#pragma once

#include <termios.h>

#include <utility>

namespace gantry::cli {

bool is_terminal(int fd);

/// Rows and columns of the terminal; {0, 0} when there is none.
std::pair<unsigned, unsigned> terminal_size(int fd);

/// Puts a terminal into raw mode for as long as it lives.
class RawMode {
 public:
  explicit RawMode(int fd);
  ~RawMode();
  RawMode(const RawMode&) = delete;
  RawMode& operator=(const RawMode&) = delete;

 private:
  int fd_;
  termios saved_{};
  bool active_ = false;
};

} // namespace gantry::cli
