#include "daemon/subordinate_ids.hpp"

#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <sstream>

#include "base/error.hpp"

namespace gantry::daemon {

namespace {

using containers::IdMaps;
using containers::IdRange;
using containers::IdSpace;

/// Docker's name for the user of "default".
constexpr const char* default_user = "dockremap";
/// The kernel takes no more lines than this (user_namespaces(7)).
constexpr std::size_t max_ranges = 340;

std::optional<std::uint32_t> number(const std::string& text) {
  std::uint32_t value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || rest != end) return std::nullopt;
  return value;
}

/// A user or group by name and number: files of ranges may have either.
struct Owner {
  std::string name, id;
};

Owner find_user(const std::string& text) {
  const auto id = number(text);
  const passwd* entry = id ? ::getpwuid(*id) : ::getpwnam(text.c_str());
  if (!entry) throw invalid("userns-remap: there is no user \"" + text + "\"");
  return {entry->pw_name, std::to_string(entry->pw_uid)};
}

Owner find_group(const std::string& text) {
  const auto id = number(text);
  const group* entry = id ? ::getgrgid(*id) : ::getgrnam(text.c_str());
  if (!entry) throw invalid("userns-remap: there is no group \"" + text + "\"");
  return {entry->gr_name, std::to_string(entry->gr_gid)};
}

/// "name:first:count" lines of one owner; a line that is something else is none.
std::vector<IdRange> ranges_of(const std::string& file, const Owner& owner) {
  std::vector<IdRange> ranges;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line) && ranges.size() < max_ranges;) {
    std::istringstream words(line);
    std::string name, first, count;
    std::getline(words, name, ':');
    std::getline(words, first, ':');
    std::getline(words, count);
    const auto start = number(first), size = number(count);
    if ((name != owner.name && name != owner.id) || !start || !size || *size == 0 || *start > UINT32_MAX - *size) continue;
    ranges.push_back({0, *start, *size});
  }
  return ranges;
}

/// One after the other from 0 on.
std::vector<IdRange> map_of(const std::string& file, const char* kind, const Owner& owner) {
  std::vector<IdRange> ranges = ranges_of(file, owner);
  if (ranges.empty()) {
    throw invalid("userns-remap: no " + std::string(kind) + " ranges found for \"" + owner.name + "\" in " + file);
  }
  std::sort(ranges.begin(), ranges.end(), [](const IdRange& a, const IdRange& b) { return a.host_id < b.host_id; });
  std::uint32_t next = 0;
  for (IdRange& range : ranges) {
    range.container_id = next;
    if (range.size > UINT32_MAX - next) throw invalid("userns-remap: the ranges of \"" + owner.name + "\" are too large");
    next += range.size;
  }
  return ranges;
}

} // namespace

IdMaps remapped_ids(const std::string& setting, const std::string& subuid, const std::string& subgid) {
  const std::size_t colon = setting.find(':');
  const std::string first = setting.substr(0, colon);
  const Owner user = find_user(first == "default" ? default_user : first);
  const Owner group = colon == std::string::npos ? user : find_group(setting.substr(colon + 1));
  return {map_of(subuid, "subuid", user), map_of(subgid, "subgid", group)};
}

IdSpace userns_auto_space(const std::string& subuid, const std::string& subgid) {
  for (const char* name : {"gantry", "containers"}) {
    const auto uids = ranges_of(subuid, {name, name}), gids = ranges_of(subgid, {name, name});
    if (!uids.empty() && !gids.empty()) return {uids.front(), gids.front()};
  }
  return {};
}

std::string remapped_data_root(const std::string& data_root, const IdMaps& maps) {
  if (maps.empty()) return data_root;
  return data_root + "/" + std::to_string(maps.uids.front().host_id) + "." + std::to_string(maps.gids.front().host_id);
}

} // namespace gantry::daemon
