#include "conformance/tar_bytes.hpp"

#include <cstdio>
#include <cstring>
#include <numeric>

namespace gantry::driver_test {

namespace {

/// POSIX.1-1988 (ustar) header, see tar(5).
struct Header {
  char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100], magic[6], version[2], uname[32],
      gname[32], major[8], minor[8], prefix[155], padding[12];
};
static_assert(sizeof(Header) == 512);

template <std::size_t N>
void octal(char (&field)[N], unsigned long value) {
  std::snprintf(field, N, "%0*lo", static_cast<int>(N - 1), value);
}

} // namespace

TarBytes& TarBytes::entry(const std::string& name, char type, const std::string& link, const std::string& content) {
  Header h{};
  std::strncpy(h.name, name.c_str(), sizeof h.name - 1);
  std::strncpy(h.link, link.c_str(), sizeof h.link - 1);
  octal(h.mode, type == '5' ? 0755 : 0644);
  octal(h.uid, 0);
  octal(h.gid, 0);
  octal(h.size, content.size());
  octal(h.mtime, 1'000'000'000);
  h.type = type;
  std::memcpy(h.magic, "ustar", 6);
  std::memcpy(h.version, "00", 2);
  std::memset(h.checksum, ' ', sizeof h.checksum);
  const auto* raw = reinterpret_cast<const unsigned char*>(&h);
  octal(h.checksum, std::accumulate(raw, raw + sizeof h, 0ul));
  bytes_.append(reinterpret_cast<const char*>(&h), sizeof h);
  bytes_ += content;
  bytes_.append((512 - content.size() % 512) % 512, '\0');
  return *this;
}

} // namespace gantry::driver_test
