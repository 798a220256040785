#include <fcntl.h>
#include <linux/fs.h>
#include <sys/random.h>
#include <unistd.h>

#include <cstdio>

#include "directory.hpp"
#include "overlay_driver.hpp"
#include "system_error.hpp"

// Active becomes committed: sync the data, write the metadata, rename. A crash before the rename leaves an active
// directory whose metadata names another snapshot, which reconcile deletes.
namespace gantry::storage_overlay {
namespace {

std::string random_name() {
  std::uint32_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != sizeof number) throw system_error("cannot get random bytes", errno);
  constexpr char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
  std::string name;
  for (int i = 0; i < 5; ++i, number /= 32) name += digits[number % 32];
  return name;
}

} // namespace

std::string OverlayDriver::make_link(const std::string& id) {
  while (true) {
    const std::string name = random_name();
    if (::symlink(("../s/" + id + "/fs").c_str(), layout_.link(name).c_str()) == 0) return name;
    if (errno != EEXIST) throw system_error("cannot create '" + layout_.link(name) + "'", errno);
  }
}

void OverlayDriver::commit(Call& call, const std::string& name, const std::string& key, const std::string& parent) {
  check_id(name);
  if (const auto existing = index_.find(name)) {
    if (existing->kind != SnapshotKind::committed || existing->parent != parent) {
      throw Error(Code::already_exists, "snapshot '" + name + "' exists already with another parent");
    }
    return remove(call, key);
  }
  active(key);
  if (!parent.empty() && !index_.find(parent)) throw Error(Code::not_found, "no such parent snapshot: " + parent);

  const UniqueFd fs = open_directory(layout_.fs(key));
  if (::syncfs(fs.get()) != 0) throw system_error("cannot sync layer '" + name + "'", errno);
  const Snapshot snapshot{SnapshotKind::committed, parent, make_link(name)};
  try {
    trash_.throw_away(layout_.snapshot(name)); // of a crash; the index does not know it
    replace_meta(layout_, key, name, snapshot);
    trash_.throw_away(layout_.work(key));
    if (::rename(layout_.snapshot(key).c_str(), layout_.snapshot(name).c_str()) != 0) {
      throw system_error("cannot commit layer '" + name + "'", errno);
    }
  } catch (...) {
    ::unlink(layout_.link(snapshot.link).c_str());
    throw;
  }
  index_.replace(key, name, snapshot);
  for (const auto& directory : {layout_.links(), layout_.snapshot(name), layout_.snapshots()}) {
    if (::fsync(open_directory(directory).get()) != 0) throw system_error("cannot sync '" + directory + "'", errno);
  }
}

} // namespace gantry::storage_overlay
