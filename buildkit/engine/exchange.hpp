#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <gantry/sdk/fd.hpp>

#include "buildkit/cancellation.hpp"

namespace gantry::buildkit {

/// One request and its answer on a connection of its own to the daemon's HTTP API. For one thread; everything that waits throws
/// Cancelled when `cancellation` says so, and std::runtime_error when the daemon has gone.
class Exchange {
 public:
  Exchange(UniqueFd connection, const Cancellation& cancellation);

  /// The whole request. `headers` are lines with their ends ("A: b\r\n").
  void send(const std::string& method, const std::string& target, const std::string& headers, const std::string& body);
  /// The beginning of one whose body comes in pieces.
  void begin(const std::string& method, const std::string& target, const std::string& headers);
  /// False once the daemon answers: it wants no more.
  bool write(std::string_view piece);
  void end();
  /// What has been written is not all: spoils a tar, so that nobody takes its beginning for the whole.
  void spoil() noexcept;

  /// Waits for the answer's head. To be called once, before what is below.
  int status();
  /// A piece of the answer's body; empty at its end.
  std::string read();
  /// The rest of the body; what is beyond `max` bytes is dropped.
  std::string read_all(std::size_t max = 16 << 20);
  /// A line of the body without its end; false at the end of the body. Lines over 16 MiB are an error.
  bool read_line(std::string& line);

  /// After a 101: the connection, and what has already come on it.
  UniqueFd take(std::string& buffered);

 private:
  void write_raw(std::string_view bytes);
  bool fill();
  void wait_for(short events);
  std::string head_line();
  std::string chunk();

  UniqueFd connection_;
  const Cancellation& cancellation_;
  std::string buffer_, lines_;
  bool chunked_ = false, ended_ = false, answers_ = false;
  std::int64_t left_ = -1; ///< of the body, or of the chunk; -1: until the connection ends
};

} // namespace gantry::buildkit
