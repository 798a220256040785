#include "build/copy/sources.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "base/error.hpp"
#include "build/context/ignore.hpp"
#include "files/open.hpp"
#include "images/digest.hpp"

namespace gantry::build {
namespace {

constexpr int search_depth_max = 1000;
constexpr std::size_t path_max = 4096;

bool has_wildcards(const std::string& path) { return path.find_first_of("*?[") != path.npos; }

std::string relative(const std::string& written) {
  std::string path = files::clean_path("./" + written.substr(std::min(written.size(), written.find_first_not_of('/'))));
  if (path == ".." || path.starts_with("../")) throw invalid("forbidden path outside the build context: " + written + " ()");
  return path == "." ? "" : path;
}

/// Every path that the components from `at` on match below `prefix`.
void expand_below(int directory, const std::string& prefix, const std::vector<std::string>& parts, std::size_t at,
                  std::vector<Source>& found) {
  if (prefix.size() > path_max) throw invalid("'" + prefix.substr(0, 100) + "…' is nested too deeply");
  // No directory: what is behind it is looked for here, too.
  const bool any_depth = parts[at] == "**";
  if (any_depth && at + 1 < parts.size()) expand_below(directory, prefix, parts, at + 1, found);
  for (const auto& name : files::names_in(directory)) {
    if (!any_depth && !glob_match(parts[at], name)) continue;
    struct stat info {};
    if (!files::stat_child(directory, name, info)) continue;
    const std::string path = prefix + name;
    if (at + 1 == parts.size()) {
      found.push_back({path, name, S_ISDIR(info.st_mode)});
      continue;
    }
    if (!S_ISDIR(info.st_mode)) continue;
    const UniqueFd inside = files::open_child(directory, name, O_RDONLY | O_DIRECTORY);
    if (inside) expand_below(inside.get(), path + "/", parts, any_depth ? at : at + 1, found);
  }
}

std::vector<std::string> components(const std::string& path) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.size(), path.find('/', at));
    parts.push_back(path.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

/// Two "**" find a path more than once.
void drop_repeated(std::vector<Source>& found) {
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  found.erase(std::unique(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.path == b.path; }),
              found.end());
}

/// With --parents: the path behind "/./", or all of it.
std::string part_behind_pivot(const std::string& written, const std::string& path) {
  std::size_t at = written.find("/./");
  if (at == written.npos) return path;
  const std::string before = relative(written.substr(0, at));
  const std::size_t parts = before.empty() ? 0 : components(before).size();
  const auto all = components(path);
  std::string kept;
  for (std::size_t i = parts; i < all.size(); ++i) kept += (kept.empty() ? "" : "/") + all[i];
  return kept;
}

struct TreeHash {
  const Selection& selection;
  images::Sha256 hash{};
  std::vector<char> buffer = std::vector<char>(256 << 10); ///< once: there may be many small files

  void text(const std::string& value) { hash.update(value + '\0'); }

  void content(int fd, const std::string& path) {
    for (;;) {
      const ssize_t n = ::read(fd, buffer.data(), buffer.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) throw os_error("read " + path, errno);
      if (n == 0) return;
      hash.update({buffer.data(), static_cast<std::size_t>(n)});
    }
  }

  void entry(int directory, const std::string& name, const std::string& path, int depth) {
    if (depth > search_depth_max) throw invalid("'" + path + "' is nested too deeply");
    struct stat info {};
    if (!files::stat_child(directory, name, info) || !selection.takes(directory, name, info, path)) return;
    text(path);
    text(std::to_string(info.st_mode));
    if (S_ISLNK(info.st_mode)) {
      std::string target(static_cast<std::size_t>(info.st_size) + 1, '\0');
      const ssize_t n = ::readlinkat(directory, name.c_str(), target.data(), target.size());
      text(target.substr(0, static_cast<std::size_t>(std::max<ssize_t>(n, 0))));
    } else if (S_ISREG(info.st_mode)) {
      text(std::to_string(info.st_size));
      const UniqueFd fd = files::open_child(directory, name, O_RDONLY | O_NONBLOCK);
      if (!fd) throw os_error("open " + path, errno);
      content(fd.get(), path);
    } else if (S_ISDIR(info.st_mode)) {
      const UniqueFd inside = files::open_child(directory, name, O_RDONLY | O_DIRECTORY);
      if (!inside) throw os_error("open " + path, errno);
      below(inside.get(), path + "/", depth);
    } else {
      text(std::to_string(info.st_rdev));
    }
  }

  void below(int directory, const std::string& prefix, int depth) {
    for (const auto& child : files::names_in(directory)) entry(directory, child, prefix + child, depth + 1);
  }
};

std::vector<Source> find_named(int root, const std::string& written, SourceSyntax syntax) {
  const std::string path = relative(written);
  if (has_wildcards(path)) {
    std::vector<Source> found;
    const UniqueFd top = files::open_in_root(root, "/", O_RDONLY | O_DIRECTORY);
    if (!top) throw os_error("open the build context", errno);
    auto parts = components(path);
    // Elsewhere it is two stars, each of which stops at a slash.
    if (!syntax.parents) std::replace(parts.begin(), parts.end(), std::string("**"), std::string("*"));
    expand_below(top.get(), "", parts, 0, found);
    drop_repeated(found);
    for (auto& source : found) { // a link is what it leads to
      const UniqueFd there = files::open_in_root(root, source.path, O_PATH);
      struct stat info {};
      if (there && ::fstat(there.get(), &info) == 0) source.directory = S_ISDIR(info.st_mode);
    }
    if (!found.empty() || syntax.context) return found;
  }
  const UniqueFd fd = files::open_in_root(root, path.empty() ? "/" : path, O_PATH);
  struct stat info {};
  if (!fd || ::fstat(fd.get(), &info) != 0) {
    const std::string stat = "stat " + path + ": file does not exist";
    throw not_found(syntax.context ? "file not found in build context or excluded by .dockerignore: " + stat : stat);
  }
  return {{path, files::last_name(path), S_ISDIR(info.st_mode)}};
}

} // namespace

std::vector<Source> find_sources(int root, const std::string& written, SourceSyntax syntax) {
  auto found = find_named(root, written, syntax);
  if (syntax.parents)
    for (auto& source : found) source.shown = part_behind_pivot(written, source.path);
  return found;
}

UniqueFd open_source(int root, const Source& source, struct stat& info) {
  const std::string path = source.path.empty() ? "/" : source.path;
  UniqueFd fd = files::open_in_root(root, path, O_PATH);
  if (!fd || ::fstat(fd.get(), &info) != 0) throw os_error("open " + source.path, errno);
  if (!S_ISDIR(info.st_mode) && !S_ISREG(info.st_mode)) return fd;
  fd = files::open_in_root(root, path, O_RDONLY | (S_ISDIR(info.st_mode) ? O_DIRECTORY : O_NONBLOCK));
  if (!fd) throw os_error("open " + source.path, errno);
  return fd;
}

std::string source_hash(int root, const Source& source, const Selection& selection) {
  TreeHash tree{selection};
  struct stat info {};
  const UniqueFd fd = open_source(root, source, info);
  if (source.directory) {
    tree.below(fd.get(), source.shown.empty() ? "" : source.shown + "/", 0);
  } else {
    tree.text(std::to_string(info.st_mode));
    if (S_ISREG(info.st_mode))
      tree.content(fd.get(), source.path);
    else
      tree.text(std::to_string(info.st_rdev));
  }
  return (source.directory ? "dir:" : "file:") + images::digest_hex(tree.hash.digest());
}

std::string sources_hash(int root, const std::vector<Source>& sources, const Selection& selection) {
  if (sources.size() == 1) return source_hash(root, sources.front(), selection);
  std::string all;
  for (const auto& source : sources) all += source.name + "=" + source_hash(root, source, selection) + ",";
  return "multi:" + images::digest_hex(images::sha256_of(all));
}

} // namespace gantry::build
