#include "api/containers/archive_wire.hpp"

#include <sys/stat.h>

#include "base/json.hpp"
#include "base/time.hpp"

namespace gantry::api {

namespace {

/// os.FileMode keeps the kind of file in its high bits.
std::uint32_t go_mode(std::uint32_t mode) {
  std::uint32_t result = mode & 0777;
  if (S_ISDIR(mode)) result |= 1U << 31;
  if (S_ISLNK(mode)) result |= 1U << 27;
  if (S_ISBLK(mode) || S_ISCHR(mode)) result |= 1U << 26;
  if (S_ISFIFO(mode)) result |= 1U << 25;
  if (S_ISSOCK(mode)) result |= 1U << 24;
  if ((mode & S_ISUID) != 0) result |= 1U << 23;
  if ((mode & S_ISGID) != 0) result |= 1U << 22;
  if (S_ISCHR(mode)) result |= 1U << 21;
  if ((mode & S_ISVTX) != 0) result |= 1U << 20;
  return result;
}

std::string base64(const std::string& bytes) {
  static constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t three = 0;
    for (std::size_t i = 0; i < 3; ++i)
      three = three << 8 | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i) text += at + i > bytes.size() ? '=' : digits[three >> (18 - 6 * i) & 63];
  }
  return text;
}

} // namespace

std::string path_stat_header(const gantry::containers::PathStat& stat) {
  Json json;
  json["name"] = stat.name;
  json["size"] = stat.size;
  json["mode"] = go_mode(stat.mode);
  json["mtime"] = rfc3339_nano(stat.mtime_ns);
  json["linkTarget"] = stat.link_target;
  return base64(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

} // namespace gantry::api
