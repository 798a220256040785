#include "base/body_framing.hpp"

#include "base/error.hpp"

namespace gantry {
namespace {

constexpr std::size_t longest_frame = 16 << 10; ///< extensions and trailers, which mean nothing here
constexpr unsigned most_digits = 15;

Error no_chunk() { return invalid("a request body with a damaged chunk"); }

/// -1: not a digit.
int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void expect(char c, char wanted) {
  if (c != wanted) throw no_chunk();
}

} // namespace

void BodyFraming::took(std::uint64_t bytes) {
  content_ -= bytes;
  if (content_ == 0) part_ = part_ == Part::only_content ? Part::done : Part::content_cr;
}

std::size_t BodyFraming::read(std::string_view bytes) {
  std::size_t used = 0;
  while (used < bytes.size() && content_ == 0 && part_ != Part::done) read(bytes[used++]);
  return used;
}

void BodyFraming::read_size(char c) {
  if (const int digit = hex_digit(c); digit >= 0) {
    if (++digits_ > most_digits) throw no_chunk();
    size_ = size_ << 4 | static_cast<std::uint64_t>(digit);
    return;
  }
  if (digits_ == 0) throw no_chunk();
  if (c == '\r')
    part_ = Part::size_end;
  else if (c == ';' || c == ' ' || c == '\t')
    part_ = Part::extension;
  else
    throw no_chunk();
}

void BodyFraming::begin_chunk() {
  part_ = size_ == 0 ? Part::trailer : Part::content;
  content_ = size_;
  line_ = size_ = digits_ = 0;
  if (content_ > 0) frame_ = 0;
}

void BodyFraming::read(char c) {
  if (++frame_ > longest_frame) throw no_chunk();
  switch (part_) {
    case Part::size:
      return read_size(c);
    case Part::extension:
      if (c == '\n') throw no_chunk();
      if (c == '\r') part_ = Part::size_end;
      return;
    case Part::size_end:
      expect(c, '\n');
      return begin_chunk();
    case Part::content_cr:
      expect(c, '\r');
      part_ = Part::content_end;
      return;
    case Part::content_end:
      expect(c, '\n');
      part_ = Part::size;
      return;
    case Part::trailer:
      if (c == '\n') throw no_chunk();
      if (c == '\r')
        part_ = Part::trailer_end;
      else
        ++line_;
      return;
    case Part::trailer_end:
      expect(c, '\n');
      part_ = line_ == 0 ? Part::done : Part::trailer;
      line_ = 0;
      return;
    case Part::only_content:
    case Part::content:
    case Part::done:
      return; // nothing that frames
  }
}

} // namespace gantry
