#pragma once

#include <cstdint>
#include <string_view>

namespace gantry {

/// Where in a request's body content is, and where what frames it (RFC 9112, section 7.1): content itself is never looked at, so
/// that it can stay inside the kernel.
class BodyFraming {
 public:
  /// A body of so many bytes, without frames.
  explicit BodyFraming(std::uint64_t length) : content_(length), part_(length == 0 ? Part::done : Part::only_content) {}
  static BodyFraming chunked() { return BodyFraming(Part::size); }

  bool is_done() const { return part_ == Part::done; }
  /// Bytes of content that come next; none: frames do, unless it is done.
  std::uint64_t content() const { return content_; }
  /// So many of them have been taken.
  void took(std::uint64_t bytes);
  /// Reads frames up to the next content or the end; how many of `bytes` they were. Throws invalid for what is no HTTP. Frames
  /// that go on for ever are none.
  std::size_t read(std::string_view bytes);

 private:
  enum class Part { only_content, size, extension, size_end, content, content_cr, content_end, trailer, trailer_end, done };
  explicit BodyFraming(Part part) : part_(part) {}
  void read(char c);
  void read_size(char c);
  void begin_chunk();

  std::uint64_t content_ = 0;
  Part part_;
  std::uint64_t size_ = 0; ///< of the present chunk, as far as it has been read
  unsigned digits_ = 0;    ///< of it
  std::size_t frame_ = 0;  ///< bytes since the last content
  std::size_t line_ = 0;   ///< bytes of the present trailer line
};

} // namespace gantry
