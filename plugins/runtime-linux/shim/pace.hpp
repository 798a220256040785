#pragma once

#include <cstddef>
#include <cstdint>

namespace gantry::runtime_linux::shim {

/// Waking up for every line of a program that writes line by line costs a hundred times the line. After some such rounds in
/// a row the loop rests for a moment, and reads the lines of that moment together. A program that somebody talks to is read
/// at once.
class Pace {
 public:
  /// This much was read from a program.
  void output(std::size_t size) { trickles_ |= size < small; }
  /// Somebody wrote to a program and may wait for its answer.
  void input() { streak_ = 0; }
  /// After each round of events.
  void rest();

 private:
  static constexpr std::size_t small = 16 * 1024;
  bool trickles_ = false;
  unsigned streak_ = 0;
  std::int64_t last_ns_ = 0;
};

} // namespace gantry::runtime_linux::shim
