#include "cli/libexec/copy_paths.hpp"

#include "cli/failure.hpp"
#include "files/open.hpp"

namespace gantry::cli {
namespace {

bool says_directory(const std::string& path) { return path.ends_with('/') || path.ends_with("/.") || path == "."; }

} // namespace

Side parse_side(const std::string& text) {
  if (text.starts_with('/') || text.starts_with('.')) return {"", text};
  const auto colon = text.find(':');
  if (colon == std::string::npos) return {"", text};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

std::string clean_keeping_end(const std::string& path) {
  std::string clean = files::clean_path(path);
  if (clean == "/" || clean.empty()) return path.ends_with("/.") ? "/." : "/";
  if (path.ends_with("/.")) return clean + "/.";
  return path.ends_with('/') ? clean + "/" : clean;
}

std::string base_of(const std::string& path) {
  if (path.ends_with("/.")) return ".";
  const std::string clean = files::clean_path(path);
  return clean == "/" ? "/" : files::last_name(clean);
}

std::string directory_of(const std::string& path) {
  if (path.ends_with("/.")) return files::clean_path(path);
  const std::string parent = files::parent_of(files::clean_path(path));
  return parent.empty() ? "/" : parent;
}

Plan plan_copy(const Place& source, const Place& destination) {
  const std::string from = source.rename.empty() ? base_of(source.path) : source.rename;
  if (destination.exists && destination.directory) return {destination.path, "", ""};
  if (destination.exists && source.directory) throw Failure("cannot copy directory");
  if (!destination.exists && !source.directory && says_directory(destination.path)) throw Failure("no such directory");
  const std::string clean = files::clean_path(destination.path);
  return {directory_of(clean), from, base_of(clean)};
}

} // namespace gantry::cli
