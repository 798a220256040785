// Files of states for the mounts of a RUN.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/id.hpp"
#include "build/context/in_thread.hpp"
#include "build/copy/place.hpp"
#include "build/layers.hpp"
#include "build/mounts/step_mounts.hpp"
#include "build/view.hpp"
#include "containers/snapshot_view.hpp"
#include "containers/subpaths.hpp"
#include "files/copy_tree.hpp"
#include "files/open.hpp"
#include "images/layer_unpack.hpp"
#include "images/uncancelled_call.hpp"

namespace gantry::build {
namespace {

/// The mount goes before the snapshot that it shows.
struct Holder {
  std::unique_ptr<View> view;
  std::unique_ptr<images::ActiveSnapshot> changes;
  containers::Shown shown;
};

UniqueFd open_part(int root, const std::string& source, int flags) {
  UniqueFd fd = files::open_in_root(root, source.empty() ? "/" : source, flags);
  if (!fd) throw not_found("RUN --mount failed: stat " + source + ": file does not exist");
  return fd;
}

UniqueFd clone(int fd, bool writable) {
  UniqueFd tree(::open_tree(fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE));
  mount_attr attributes{};
  attributes.attr_set = writable ? 0 : MOUNT_ATTR_RDONLY;
  if (!tree || ::mount_setattr(tree.get(), "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes) != 0)
    throw os_error("show the files of a stage", errno);
  return tree;
}

void copy_files(int from, const std::string& to) {
  const UniqueFd into = open_root(to);
  in_thread([&] { files::copy_tree(from, into.get()); });
}

} // namespace

Layers::ShownTree Layers::show(const State& state, const std::string& source, bool writable) {
  auto holder = std::make_shared<Holder>();
  const std::string place = new_directory();
  if (state.diff_ids.empty()) {
    const UniqueFd root = open_root(place);
    holder->shown = containers::show(paths_.build_mounts(), open_part(root.get(), source, O_PATH));
    return {holder->shown.path, holder};
  }
  std::string key = "build-" + random_id().substr(0, 16);
  if (writable) {
    images::UncancelledCall call;
    storage_.prepare(call, key, state.top_layer(), {});
    holder->changes = std::make_unique<images::ActiveSnapshot>(storage_, key);
  } else {
    holder->view = std::make_unique<View>(storage_, state.top_layer());
    key = holder->view->key();
  }
  UniqueFd tree;
  containers::with_snapshots(storage_, {{key, place}}, [&] {
    const UniqueFd root = open_root(place);
    tree = clone(open_part(root.get(), source, O_PATH).get(), writable);
  });
  holder->shown = containers::show_tree(paths_.build_mounts(), std::move(tree));
  return {holder->shown.path, holder};
}

void copy_directory(int root, const std::string& source, const std::string& to) {
  copy_files(open_part(root, source, O_RDONLY | O_DIRECTORY).get(), to);
}

void Layers::copy_files(const State& state, const std::string& source, const std::string& to) {
  look(state, [&](int root) { copy_directory(root, source, to); });
}

std::string Layers::copy_of(const State& state, const std::string& source) {
  std::string path;
  look(state, [&](int root) {
    const UniqueFd from = open_part(root, source, O_RDONLY | O_NONBLOCK);
    struct stat info {};
    if (::fstat(from.get(), &info) != 0) throw os_error("look at " + source, errno);
    if (S_ISDIR(info.st_mode)) return build::copy_files(from.get(), path = new_directory());
    path = copy_of(root, {source, files::last_name(source)});
    set_owner(path, {info.st_mode & 07777, info.st_uid, info.st_gid});
  });
  return path;
}

std::string Layers::copy_of(int root, const Source& source) {
  const std::string place = new_directory();
  const UniqueFd to = open_root(place);
  Placing placing;
  placing.destination = "/copy";
  in_thread([&] { gantry::build::place(root, to.get(), {source}, placing); });
  return place + "/copy";
}

} // namespace gantry::build
