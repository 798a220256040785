#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gantry/sdk/fd.hpp"

namespace gantry::cli {

/// A blocking connection with what was read from it but not yet used.
struct Connection {
  UniqueFd fd;
  std::string buffer{};
  UniqueFd report{}; ///< over TLS: where the helper says why it ended

  /// What the report says, at most `most` bytes of it; waits for that many or its end.
  std::string told(std::size_t most = 4096) const;
  /// Throws TlsFailure where that is why the stream ended.
  void throw_told() const;

  /// Throws ConnectionLost when not everything could be written.
  void write(std::string_view data) const;
  /// The same for the next `size` bytes of a file, which go through the kernel only. Failure when the file ends earlier.
  void write_file(int file, std::uint64_t size) const;
  /// Reads once into the buffer; false at the end of the stream. Throws ConnectionLost on an error.
  bool fill();
};

/// A response's status line and headers.
struct Head {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers{}; ///< names in lower case

  std::string_view find(std::string_view name) const;
};

/// Reads up to the empty line. Throws ConnectionLost for a closed connection or what is no HTTP/1.1.
Head read_head(Connection& connection);

/// The body of one response: chunked, with a length, or up to the end of the stream.
class BodyReader {
 public:
  BodyReader(const Head& head, bool without_body);
  /// The next piece, empty at the end. Throws ConnectionLost when the connection ends before the body does.
  std::string next(Connection& connection);
  bool done() const noexcept { return done_; }
  /// Whether the connection may carry another request once the body is done.
  bool reusable() const noexcept { return reusable_; }

 private:
  std::string take(Connection& connection);
  bool next_chunk(Connection& connection);

  bool chunked_ = false, until_close_ = false, reusable_ = true, done_ = false, between_chunks_ = false;
  std::uint64_t left_ = 0;
};

} // namespace gantry::cli
