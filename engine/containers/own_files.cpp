#include "containers/own_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <future>
#include <set>

#include <gantry/sdk/fd.hpp>
#include "base/error.hpp"
#include "files/tar_filter.hpp"
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

AppliedLayer write_difference(StorageDriver& storage, Call& call, const std::string& id, int out) {
  return write_without(storage, call, id, out, own_paths(storage.changes(call, id)));
}

AppliedLayer write_without(StorageDriver& storage, Call& call, const std::string& id, int out,
                           const std::vector<std::string>& own) {
  if (own.empty()) return storage.diff(call, id, out);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw os_error("make a pipe", errno);
  UniqueFd in(ends[0]), written(ends[1]);
  auto writing = std::async(std::launch::async, [&] {
    const UniqueFd end = std::move(written);
    return storage.diff(call, id, end.get());
  });
  try {
    files::filter_tar(in.get(), out,
                      [&](const std::string& path) { return std::binary_search(own.begin(), own.end(), "/" + path); });
  } catch (...) {
    in.reset(); // ends the writer
    try {
      writing.get();
    } catch (const Error& cause) {
      if (cause.os_errno() != EPIPE) throw;
    }
    throw;
  }
  AppliedLayer layer = writing.get();
  layer.diff_id = sha256_of_file(out);
  return layer;
}

} // namespace gantry::containers
