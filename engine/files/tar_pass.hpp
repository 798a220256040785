#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::files {

inline constexpr std::size_t tar_block_size = 512;
using TarBlock = std::array<char, tar_block_size>;

/// A field of a header (ustar): where, and how long.
struct TarField {
  std::size_t at, size;
};
inline constexpr TarField tar_name{0, 100}, tar_size{124, 12}, tar_checksum{148, 8};
inline constexpr std::size_t tar_kind_at = 156;
unsigned tar_checksum_of(const TarBlock& header);

/// An uncompressed tar on its way from `in` to `out`, entry by entry. Only headers are looked at: where one of the two is a pipe,
/// the content of files stays inside the kernel. Throws invalid for what is no tar, and os_error for what cannot be written.
class TarPass {
 public:
  TarPass(int in, int out);

  /// The path of the next entry ("etc/hosts": no "./" before it, no "/" behind it), of which one of the next two is then to be
  /// called; absent at the end.
  std::optional<std::string> next();
  void take();
  void skip();
  /// Instead of them: only what is behind the entry's headers.
  void take_content() { pass(content_); }
  /// The same, but `see` is told every piece of it.
  void take_content(const std::function<void(std::string_view piece)>& see);
  /// Of the entry: all of its headers as they came, and how many bytes are behind them, with their padding.
  std::string head() const { return before_ + std::string(header_.data(), header_.size()); }
  std::uint64_t content() const { return content_; }
  /// Something of the caller's own.
  void write(const void* data, std::size_t size);
  /// Writes the end, and drains.
  void finish();
  /// Reads to the end: who writes is not to be stopped in the middle of its padding.
  void drain();

 private:
  bool read(char* data, std::size_t size);
  void read_extension(char kind, std::uint64_t size);
  void read_pax(const std::string& records);
  void pass(std::uint64_t left);
  void copy(std::uint64_t left, const std::function<void(std::string_view piece)>& see);

  int in_, out_;
  TarBlock header_{};
  std::string before_;              ///< extended headers of the entry
  std::uint64_t content_ = 0;       ///< its bytes, padded
  std::optional<std::string> path_; ///< as extended headers say, as the next
  std::optional<std::uint64_t> size_;
};

} // namespace gantry::files
