#include "containers/own_files.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>

#include "base/error.hpp"
#include "base/through_pipe.hpp"
#include "files/tar_filter.hpp"
#include "files/tar_tail.hpp"
#include "images/digest.hpp"

namespace gantry::containers {
namespace {

constexpr std::array<std::string_view, 4> files = {"/.dockerenv", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf"};
constexpr std::array<std::string_view, 3> directories = {"/dev", "/proc", "/sys"};

template <std::size_t n>
bool is_one_of(const std::array<std::string_view, n>& list, const std::string& path) {
  return std::find(list.begin(), list.end(), path) != list.end();
}

std::string sha256_of_file(int fd) {
  images::Sha256 sum;
  std::string chunk(1 << 20, '\0');
  off_t offset = 0;
  for (ssize_t n = 0; (n = ::pread(fd, chunk.data(), chunk.size(), offset)) != 0; offset += n) {
    if (n < 0) throw os_error("read the layer", errno);
    sum.update(std::string_view(chunk).substr(0, static_cast<std::size_t>(n)));
  }
  return sum.digest();
}

/// The digest is of what the driver wrote, before anything was left out.
AppliedLayer write_filtered(StorageDriver& storage, Call& call, const std::string& id, int out,
                            const std::vector<std::string>& without) {
  if (without.empty()) return storage.diff(call, id, out);
  const auto is_left_out = [&](const std::string& path) {
    return std::binary_search(without.begin(), without.end(), "/" + path);
  };
  return through_pipe([&](int end) { return storage.diff(call, id, end); },
                      [&](int in) { files::filter_tar(in, out, is_left_out); });
}

} // namespace

std::vector<std::string> own_paths(const std::vector<Change>& changes) {
  std::set<std::string> own;
  for (const auto& change : changes)
    if (is_one_of(files, change.path) && change.kind == ChangeKind::added) own.insert(change.path);
  const auto hollow = [&](const std::string& directory) {
    return std::none_of(changes.begin(), changes.end(), [&](const Change& change) {
      return change.path.starts_with(directory + "/") && !own.contains(change.path);
    });
  };
  std::vector<std::string> emptied;
  for (const auto& change : changes) {
    const bool made = is_one_of(directories, change.path) && change.kind == ChangeKind::added;
    // Also a directory of the image's, which changed only because of the files.
    const bool touched = change.path == "/etc" && change.kind != ChangeKind::deleted && own.lower_bound("/etc/") != own.end() &&
                         own.lower_bound("/etc/")->starts_with("/etc/");
    if ((made || touched) && hollow(change.path)) emptied.push_back(change.path);
  }
  own.insert(emptied.begin(), emptied.end());
  return {own.begin(), own.end()};
}

bool is_own_directory(const std::string& path) { return path == "/etc" || is_one_of(directories, path); }

void write_difference(StorageDriver& storage, Call& call, const std::string& id, int out) {
  (void)write_filtered(storage, call, id, out, own_paths(storage.changes(call, id)));
}

AppliedLayer write_without(StorageDriver& storage, Call& call, const std::string& id, int out,
                           const std::vector<std::string>& paths) {
  AppliedLayer layer = write_filtered(storage, call, id, out, paths);
  if (!paths.empty()) layer.diff_id = sha256_of_file(out);
  return layer;
}

void write_export(StorageDriver& storage, Call& call, const std::string& id, std::int64_t created_s, int out) {
  // As in Docker, whose containers have a layer of these.
  static const std::vector<files::TarItem> own = {
      {".dockerenv", '0', ""},      {"dev", '5', ""},       {"dev/console", '0', ""},
      {"dev/pts", '5', ""},         {"dev/shm", '5', ""},   {"etc", '5', ""},
      {"etc/hostname", '0', ""},    {"etc/hosts", '0', ""}, {"etc/mtab", '2', "/proc/mounts"},
      {"etc/resolv.conf", '0', ""}, {"proc", '5', ""},      {"sys", '5', ""}};
  (void)through_pipe([&](int end) { return storage.export_tree(call, id, end), true; },
                     [&](int in) { files::copy_tar_with(in, out, own, created_s); });
}

} // namespace gantry::containers
