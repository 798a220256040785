#include "files/tar_pass.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace gantry::files {
namespace {

/// A file can have 64 KiB of names of attributes (XATTR_LIST_MAX), which is some 9400 attributes, of 64 KiB each; libarchive
/// tells each twice, once in base64: 1.4 GiB.
constexpr std::uint64_t largest_extension = std::uint64_t{2} << 30;
constexpr std::size_t piece_size = 64 << 10;
constexpr TarField prefix_field{345, 155};

std::string text(const TarBlock& block, TarField field) {
  const std::string_view all(block.data() + field.at, field.size);
  return std::string(all.substr(0, all.find('\0')));
}

std::uint64_t number(const TarBlock& block, TarField field) {
  std::uint64_t value = 0;
  if ((static_cast<unsigned char>(block[field.at]) & 0x80) != 0) { // base-256, a GNU extension
    for (std::size_t i = 1; i < field.size; ++i) value = value << 8 | static_cast<unsigned char>(block[field.at + i]);
    return value;
  }
  for (const char c : text(block, field)) {
    if (c >= '0' && c <= '7') value = value * 8 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

std::uint64_t padded(std::uint64_t size) {
  if (size > std::uint64_t{1} << 62) throw invalid("read a tar: an entry of " + std::to_string(size) + " bytes");
  return (size + tar_block_size - 1) / tar_block_size * tar_block_size;
}

std::string plain(std::string path) {
  if (path.starts_with("./")) path.erase(0, 2);
  while (path.ends_with('/')) path.pop_back();
  return path;
}

Error cut_off() { return invalid("read a tar: it is cut off"); }

} // namespace

unsigned tar_checksum_of(const TarBlock& header) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < tar_block_size; ++i) {
    const bool own = i >= tar_checksum.at && i < tar_checksum.at + tar_checksum.size;
    sum += own ? ' ' : static_cast<unsigned char>(header[i]);
  }
  return sum;
}

TarPass::TarPass(int in, int out) : in_(in), out_(out) { ::fcntl(in, F_SETPIPE_SZ, 1 << 20); }

std::optional<std::string> TarPass::next() {
  before_.clear();
  path_.reset();
  size_.reset();
  while (read(header_.data(), tar_block_size) && std::any_of(header_.begin(), header_.end(), [](char c) { return c != 0; })) {
    if (number(header_, tar_checksum) != tar_checksum_of(header_)) throw invalid("read a tar: a damaged header");
    const char kind = header_[tar_kind_at];
    if (kind == 'x' || kind == 'L' || kind == 'K') {
      read_extension(kind, number(header_, tar_size));
      continue;
    }
    content_ = padded(size_ ? *size_ : number(header_, tar_size));
    const std::string prefix = text(header_, prefix_field);
    return plain(path_ ? *path_ : (prefix.empty() ? "" : prefix + "/") + text(header_, tar_name));
  }
  return std::nullopt;
}

/// A header about the entry behind it: of pax, or a long name or link of GNU tar.
void TarPass::read_extension(char kind, std::uint64_t size) {
  if (size > largest_extension) throw invalid("read a tar: an extended header of " + std::to_string(size) + " bytes");
  std::string content; // grows with what comes, whatever the header says
  copy(padded(size), [&](std::string_view piece) { content += piece; });
  before_.append(header_.data(), header_.size());
  before_ += content;
  content.resize(size);
  if (kind == 'x') read_pax(content);
  if (kind == 'L') path_ = content.substr(0, content.find('\0'));
}

/// "LENGTH KEY=VALUE\n", again and again.
void TarPass::read_pax(const std::string& all) {
  for (std::string_view records = all; !records.empty();) {
    std::size_t length = 0;
    const auto [end, error] = std::from_chars(records.data(), records.data() + records.size(), length);
    if (error != std::errc() || length == 0 || length > records.size()) throw invalid("read a tar: a damaged pax header");
    std::string_view record = records.substr(0, length - 1);
    record.remove_prefix(std::min(static_cast<std::size_t>(end - records.data()) + 1, record.size()));
    records.remove_prefix(length);
    if (record.starts_with("path=")) path_ = record.substr(5);
    if (!record.starts_with("size=")) continue;
    std::uint64_t bytes = 0;
    std::from_chars(record.data() + 5, record.data() + record.size(), bytes);
    size_ = bytes;
  }
}

void TarPass::take() {
  write(before_.data(), before_.size());
  write(header_.data(), header_.size());
  pass(content_);
}

void TarPass::take_content(const std::function<void(std::string_view)>& see) {
  copy(content_, [&](std::string_view piece) {
    see(piece);
    write(piece.data(), piece.size());
  });
}

void TarPass::skip() {
  copy(content_, [](std::string_view) {});
}

void TarPass::finish() {
  const std::vector<char> end(2 * tar_block_size);
  write(end.data(), end.size());
  drain();
}

void TarPass::drain() {
  char rest[4096];
  while (::read(in_, rest, sizeof rest) > 0) {
  }
}

void TarPass::write(const void* data, std::size_t size) {
  for (std::size_t done = 0; done < size;) {
    const ssize_t n = ::write(out_, static_cast<const char*>(data) + done, size - done);
    if (n < 0 && errno != EINTR) throw os_error("write a tar", errno);
    done += static_cast<std::size_t>(std::max<ssize_t>(n, 0));
  }
}

/// False at the end.
bool TarPass::read(char* data, std::size_t size) {
  for (std::size_t done = 0; done < size;) {
    const ssize_t n = ::read(in_, data + done, size - done);
    if (n < 0 && errno != EINTR) throw os_error("read a tar", errno);
    if (n == 0 && done == 0) return false;
    if (n == 0) throw cut_off();
    done += static_cast<std::size_t>(std::max<ssize_t>(n, 0));
  }
  return true;
}

void TarPass::pass(std::uint64_t left) {
  while (left > 0) {
    const ssize_t n = ::splice(in_, nullptr, out_, nullptr, std::min<std::uint64_t>(left, 1 << 20), SPLICE_F_MOVE);
    if (n < 0 && errno == EINVAL) // neither is a pipe, or the output takes no pages
      return copy(left, [&](std::string_view piece) { write(piece.data(), piece.size()); });
    if (n < 0 && errno != EINTR) throw os_error("write a tar", errno);
    if (n == 0) throw cut_off();
    left -= static_cast<std::uint64_t>(std::max<ssize_t>(n, 0));
  }
}

void TarPass::copy(std::uint64_t left, const std::function<void(std::string_view)>& see) {
  std::vector<char> buffer(std::min<std::uint64_t>(left, piece_size));
  while (left > 0) {
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer.size()));
    if (!read(buffer.data(), n)) throw cut_off();
    see({buffer.data(), n});
    left -= n;
  }
}

} // namespace gantry::files
