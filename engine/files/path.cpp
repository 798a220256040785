#include "files/path.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <deque>
#include <vector>

#include "base/error.hpp"
#include "files/open.hpp"

namespace gantry::files {
namespace {

constexpr int max_links = 255;

std::deque<std::string> components(const std::string& path) {
  std::deque<std::string> parts;
  std::size_t at = 0;
  while (at <= path.size()) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    if (end > at && path.compare(at, end - at, ".") != 0) parts.push_back(path.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string path;
  for (const auto& part : parts) path += "/" + part;
  return path.empty() ? "/" : path;
}

/// The target of a link; empty when it is none, or nothing.
std::string read_link(int root, const std::string& path) {
  const UniqueFd fd = open_in_root(root, path, O_PATH | O_NOFOLLOW);
  std::string target(4096, '\0');
  const ssize_t size = fd ? ::readlinkat(fd.get(), "", target.data(), target.size()) : -1;
  target.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return target;
}

[[noreturn]] void refuse(const std::string& path, const std::string& container, int error) {
  if (error == ENOENT || error == ENOTDIR) throw not_found("Could not find the file " + path + " in container " + container);
  throw os_error("look at " + path + " of container " + container, error);
}

} // namespace

std::string wanted_path(const std::string& path) {
  const std::string clean = clean_path("/" + path);
  if (path.ends_with("/.") || path == ".") return clean == "/" ? "/." : clean + "/.";
  if (path.ends_with('/') && clean != "/") return clean + "/";
  return clean;
}

std::string follow(int root, const std::string& path) {
  std::deque<std::string> left = components(path);
  std::vector<std::string> done;
  int links = 0;
  while (!left.empty()) {
    const std::string part = left.front();
    left.pop_front();
    if (part == "..") {
      if (!done.empty()) done.pop_back();
      continue;
    }
    done.push_back(part);
    const std::string target = read_link(root, joined(done));
    if (target.empty()) continue;
    if (++links > max_links) throw os_error("follow " + path, ELOOP);
    done.pop_back();
    if (target.starts_with('/')) done.clear();
    const auto more = components(target);
    left.insert(left.begin(), more.begin(), more.end());
  }
  return joined(done);
}

Named find_named(int root, const std::string& path, const std::string& container) {
  Named named;
  named.path = wanted_path(path);
  const bool followed = named.path.ends_with('/') || named.path.ends_with("/.");
  named.entry = followed ? "." : last_name(named.path);
  named.directory = open_in_root(root, followed ? named.path : parent_of(named.path), O_RDONLY | O_DIRECTORY);
  if (!named.directory) refuse(path, container, errno);
  if (::fstatat(named.directory.get(), named.entry.c_str(), &named.info, AT_SYMLINK_NOFOLLOW) != 0)
    refuse(path, container, errno);
  const std::string shown =
      named.path.size() > 1 && named.path.ends_with('/') ? named.path.substr(0, named.path.size() - 1) : named.path;
  named.name = shown == "/" ? "/" : last_name(shown);
  return named;
}

} // namespace gantry::files
