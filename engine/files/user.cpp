#include "files/user.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <optional>
#include <sstream>
#include <vector>

#include "base/error.hpp"
#include "files/open.hpp"

namespace gantry::files {
namespace {

constexpr std::size_t max_file = 8 << 20;

/// Empty when the file is missing or is no file.
std::string read_small(int root, const std::string& path) {
  const UniqueFd fd = open_in_root(root, path, O_RDONLY | O_NONBLOCK);
  struct stat info {};
  std::string text;
  if (!fd || ::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) return text;
  char buffer[16384];
  for (ssize_t n = 0; text.size() < max_file && (n = ::read(fd.get(), buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(n));
  return text;
}

std::optional<std::uint32_t> number(const std::string& text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<std::string> fields(const std::string& line) {
  std::vector<std::string> parts;
  std::istringstream stream(line);
  for (std::string part; std::getline(stream, part, ':');) parts.push_back(part);
  return parts;
}

/// The line of /etc/passwd or /etc/group whose name or number is `wanted`.
std::optional<std::vector<std::string>> line_of(const std::string& text, const std::string& wanted) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    auto parts = fields(line);
    if (parts.size() >= 3 && (parts[0] == wanted || parts[2] == wanted)) return parts;
  }
  return std::nullopt;
}

} // namespace

std::pair<uid_t, gid_t> find_user(int root, const std::string& user) {
  const std::size_t colon = user.find(':');
  const std::string name = user.substr(0, colon);
  const auto line = line_of(read_small(root, "/etc/passwd"), name);
  const auto uid = line ? number((*line)[2]) : number(name);
  if (!uid) throw invalid("unable to find user " + name + ": no matching entries in passwd file");
  std::uint32_t gid = line && line->size() > 3 ? number((*line)[3]).value_or(0) : 0;
  if (colon == std::string::npos) return {*uid, gid};
  const std::string group = user.substr(colon + 1);
  const auto group_line = line_of(read_small(root, "/etc/group"), group);
  const auto found = group_line ? number((*group_line)[2]) : number(group);
  if (!found) throw invalid("unable to find group " + group + ": no matching entries in group file");
  return {*uid, *found};
}

} // namespace gantry::files
