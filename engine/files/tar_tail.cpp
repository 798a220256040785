#include "files/tar_tail.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <optional>
#include <set>
#include <string_view>

#include "base/error.hpp"

// The content of files goes from pipe to output inside the kernel: only headers are looked at.
namespace gantry::files {
namespace {

constexpr std::size_t block_size = 512;
constexpr std::uint64_t largest_record = 16 << 20; ///< a pax header of many attributes
using Block = std::array<char, block_size>;

/// A field of a header (ustar): where, and how long.
struct Field {
  std::size_t at, size;
};
constexpr Field name_field{0, 100}, mode_field{100, 8}, uid_field{108, 8}, gid_field{116, 8}, size_field{124, 12},
    mtime_field{136, 12}, checksum_field{148, 8}, link_field{157, 100}, magic_field{257, 8}, prefix_field{345, 155};
constexpr std::size_t kind_at = 156;

std::string text(const Block& block, Field field) {
  const std::string_view all(block.data() + field.at, field.size);
  return std::string(all.substr(0, all.find('\0')));
}

std::uint64_t number(const Block& block, Field field) {
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

void put_number(Block& block, Field field, std::uint64_t value) {
  std::snprintf(block.data() + field.at, field.size, "%0*llo", static_cast<int>(field.size - 1),
                static_cast<unsigned long long>(value));
}

unsigned checksum(const Block& block) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < block_size; ++i) {
    const bool own = i >= checksum_field.at && i < checksum_field.at + checksum_field.size;
    sum += own ? ' ' : static_cast<unsigned char>(block[i]);
  }
  return sum;
}

Block header_of(const TarItem& item, std::int64_t mtime_s) {
  Block block{};
  const std::string name = item.path + (item.kind == '5' ? "/" : "");
  std::memcpy(block.data() + name_field.at, name.data(), std::min(name.size(), name_field.size));
  std::memcpy(block.data() + link_field.at, item.target.data(), std::min(item.target.size(), link_field.size));
  std::memcpy(block.data() + magic_field.at, "ustar\00000", 8);
  put_number(block, mode_field, item.kind == '2' ? 0777 : item.mode);
  put_number(block, uid_field, 0);
  put_number(block, gid_field, 0);
  put_number(block, size_field, 0);
  put_number(block, mtime_field, static_cast<std::uint64_t>(std::max<std::int64_t>(mtime_s, 0)));
  block[kind_at] = item.kind;
  std::snprintf(block.data() + checksum_field.at, checksum_field.size, "%06o", checksum(block));
  block[checksum_field.at + 7] = ' ';
  return block;
}

std::string plain(std::string path) {
  if (path.starts_with("./")) path.erase(0, 2);
  while (path.ends_with('/')) path.pop_back();
  return path;
}

/// What a pax header says of the entry behind it ("LENGTH KEY=VALUE\n").
struct Pax {
  std::optional<std::string> path;
  std::optional<std::uint64_t> size;

  void read(std::string_view records) {
    while (!records.empty()) {
      std::size_t length = 0;
      const auto [end, error] = std::from_chars(records.data(), records.data() + records.size(), length);
      if (error != std::errc() || length == 0 || length > records.size()) throw invalid("read a tar: a damaged pax header");
      std::string_view record = records.substr(0, length - 1);
      record.remove_prefix(std::min(static_cast<std::size_t>(end - records.data()) + 1, record.size()));
      records.remove_prefix(length);
      if (record.starts_with("path=")) path = record.substr(5);
      if (!record.starts_with("size=")) continue;
      std::uint64_t bytes = 0;
      std::from_chars(record.data() + 5, record.data() + record.size(), bytes);
      size = bytes;
    }
  }
};

class Copy {
 public:
  Copy(int in, int out) : in_(in), out_(out) { ::fcntl(in, F_SETPIPE_SZ, 1 << 20); }

  /// Until the end of the archive; the paths that it has.
  void entries(std::set<std::string>& paths) {
    Block block;
    Pax pax;
    while (read(block.data(), block_size) && std::any_of(block.begin(), block.end(), [](char c) { return c != 0; })) {
      if (number(block, checksum_field) != checksum(block)) throw invalid("read a tar: a damaged header");
      const char kind = block[kind_at];
      write(block.data(), block_size);
      const std::uint64_t size = kind != 'x' && pax.size ? *pax.size : number(block, size_field);
      const std::uint64_t padded = (size + block_size - 1) / block_size * block_size;
      if (kind == 'x') {
        if (size > largest_record) throw invalid("read a tar: a pax header of " + std::to_string(size) + " bytes");
        std::string records(padded, '\0');
        if (!read(records.data(), records.size())) throw invalid("read a tar: it is cut off");
        write(records.data(), records.size());
        pax.read(std::string_view(records).substr(0, size));
        continue;
      }
      const std::string prefix = text(block, prefix_field);
      paths.insert(plain(pax.path ? *pax.path : (prefix.empty() ? "" : prefix + "/") + text(block, name_field)));
      pax = {};
      pass(padded);
    }
  }

  void write(const void* data, std::size_t size) {
    for (std::size_t done = 0; done < size;) {
      const ssize_t n = ::write(out_, static_cast<const char*>(data) + done, size - done);
      if (n < 0 && errno != EINTR) throw os_error("write a tar", errno);
      done += static_cast<std::size_t>(std::max<ssize_t>(n, 0));
    }
  }

  /// The writer is not to be stopped in the middle of its padding.
  void drain() {
    char rest[4096];
    while (::read(in_, rest, sizeof rest) > 0) {
    }
  }

 private:
  /// False at the end.
  bool read(char* data, std::size_t size) {
    for (std::size_t done = 0; done < size;) {
      const ssize_t n = ::read(in_, data + done, size - done);
      if (n < 0 && errno != EINTR) throw os_error("read a tar", errno);
      if (n == 0 && done == 0) return false;
      if (n == 0) throw invalid("read a tar: it is cut off");
      done += static_cast<std::size_t>(std::max<ssize_t>(n, 0));
    }
    return true;
  }

  void pass(std::uint64_t left) {
    while (left > 0) {
      const ssize_t n = ::splice(in_, nullptr, out_, nullptr, std::min<std::uint64_t>(left, 1 << 20), SPLICE_F_MOVE);
      if (n < 0 && errno == EINVAL) return copy(left); // an output that takes no pages
      if (n < 0 && errno != EINTR) throw os_error("write a tar", errno);
      if (n == 0) throw invalid("read a tar: it is cut off");
      left -= static_cast<std::uint64_t>(std::max<ssize_t>(n, 0));
    }
  }

  void copy(std::uint64_t left) {
    std::vector<char> buffer(64 << 10);
    while (left > 0) {
      const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer.size()));
      if (!read(buffer.data(), n)) throw invalid("read a tar: it is cut off");
      write(buffer.data(), n);
      left -= n;
    }
  }

  int in_, out_;
};

} // namespace

void copy_tar_with(int in, int out, const std::vector<TarItem>& items, std::int64_t mtime_s) {
  Copy copy(in, out);
  std::set<std::string> paths;
  copy.entries(paths);
  for (const auto& item : items) {
    if (paths.contains(item.path)) continue;
    const Block header = header_of(item, mtime_s);
    copy.write(header.data(), header.size());
  }
  const std::vector<char> end(2 * block_size);
  copy.write(end.data(), end.size());
  copy.drain();
}

} // namespace gantry::files
