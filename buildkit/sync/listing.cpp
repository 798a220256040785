#include "buildkit/sync/listing.hpp"

#include <algorithm>
#include <stdexcept>

namespace gantry::buildkit {
namespace {

[[noreturn]] void refuse(const std::string& what, const std::string& path) {
  throw std::runtime_error("the client sends " + what + ": \"" + path.substr(0, 256) + "\"");
}

void check_path(const std::string& path) {
  if (path.empty() || path.size() > Listing::path_max || path.find('\0') != std::string::npos)
    refuse("a file without a usable name", path);
  if (path.front() == '/' || path.back() == '/') refuse("a name that is not relative", path);
  std::size_t depth = 0;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string name = path.substr(at, end - at);
    if (name.empty() || name == "." || name == "..") refuse("a name that leads elsewhere", path);
    if (name.size() > Listing::name_max || ++depth > Listing::depth_max) refuse("a name that is too long", path);
    at = end + 1;
  }
}

} // namespace

bool has_content(const fsutil::types::Stat& stat) { return (stat.mode() & mode::type) == 0; }

std::uint32_t unix_mode(std::uint32_t bits) {
  return (bits & 0777) | (bits & mode::setuid ? 04000 : 0) | (bits & mode::setgid ? 02000 : 0) |
         (bits & mode::sticky ? 01000 : 0);
}

std::uint32_t go_mode(std::uint32_t bits) {
  return (bits & 0777) | (bits & 04000 ? mode::setuid : 0) | (bits & 02000 ? mode::setgid : 0) |
         (bits & 01000 ? mode::sticky : 0);
}

int compare_paths(const std::string& a, const std::string& b) {
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i) {
    if (a[i] == b[i]) continue;
    if (a[i] == '/') return -1;
    if (b[i] == '/') return 1;
    return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[i]) ? -1 : 1;
  }
  return a.size() == b.size() ? 0 : a.size() < b.size() ? -1 : 1;
}

void Listing::add(const fsutil::types::Stat& stat) {
  const std::string& path = stat.path();
  check_path(path);
  if (++size_ > files_max) throw std::runtime_error("the client sends more than " + std::to_string(files_max) + " files");
  const std::size_t slash = path.rfind('/');
  const std::string parent = slash == std::string::npos ? "" : path.substr(0, slash);
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  while (open_.back().path != parent) {
    if (open_.size() == 1) refuse("a file in a directory that it has not named before", path);
    open_.pop_back();
  }
  if (!open_.back().last.empty() && name <= open_.back().last) refuse("files in the wrong order", path);
  open_.back().last = name;
  std::size_t xattrs = 0;
  for (const auto& xattr : stat.xattrs()) xattrs += xattr.key().size() + xattr.value().size();
  if (stat.xattrs_size() > static_cast<int>(xattrs_max) || xattrs > xattrs_bytes_max)
    refuse("too many extended attributes", path);
  if (stat.size() < 0) refuse("a file of negative size", path);
  check_link(stat);
  if (stat.mode() & mode::directory) open_.push_back({path, ""});
}

void Listing::check_link(const fsutil::types::Stat& stat) {
  if (stat.linkname().size() > path_max || stat.linkname().find('\0') != std::string::npos)
    refuse("a link that is too long", stat.path());
  if (stat.mode() & mode::symlink) {
    if (stat.linkname().empty()) refuse("a link that leads nowhere", stat.path());
    return;
  }
  if (!has_content(stat)) return;
  if (stat.linkname().empty()) {
    bytes_ += stat.path().size() + 64;
    if (bytes_ > links_bytes_max) throw std::runtime_error("the client sends too many names of files");
    files_.insert(stat.path());
  } else if (!files_.contains(stat.linkname())) {
    refuse("a hard link to a file that it has not named before", stat.path());
  }
}

} // namespace gantry::buildkit
