#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace gantry::cli {

/// Takes apart Docker's stream format: frames of an 8-byte header (stream number, three zero bytes, length big-endian) and
/// payload. Pieces may end anywhere.
class Demux {
 public:
  /// `out` receives stream 1 or 2 and what arrived for it.
  using Sink = std::function<void(int stream, std::string_view data)>;

  explicit Demux(Sink out) : out_(std::move(out)) {}
  /// Throws Failure for an unknown stream number, and for an error that the daemon sent in stream 3.
  void feed(std::string_view data);

 private:
  void read_header();

  Sink out_;
  std::string header_{}, error_{};
  int stream_ = 0;
  std::uint32_t left_ = 0;
};

/// Writes everything, blocking. A closed pipe ends the process, as it does every filter's.
void write_all(int fd, std::string_view data);

} // namespace gantry::cli
