#include <fcntl.h>

#include <algorithm>

#include "base/error.hpp"
#include "containers/files_view.hpp"
#include "containers/mounts.hpp"
#include "files/extract.hpp"
#include "files/open.hpp"
#include "files/path.hpp"
#include "files/tar_writer.hpp"
#include "files/user.hpp"

// Copying: files of a container go out as a tar, and come in as one.
namespace gantry::containers {
namespace {

using files::Owners;

/// A container as it is while its files are looked at. One that does not run is kept from starting.
struct Looked {
  EntryPtr entry;
  ContainerPtr container;
  std::shared_ptr<AsyncMutex::Guard> kept;
};

Task<Looked> look(PartsPtr parts, std::string reference) {
  Looked looked;
  looked.entry = parts->index.find(reference);
  auto guard = co_await looked.entry->mutex.lock();
  looked.container = looked.entry->snapshot();
  const Phase phase = looked.container->phase;
  if (phase == Phase::removing || phase == Phase::dead)
    throw Error(Code::forbidden_state, "container " + looked.container->id + " is being removed");
  if (!is_running(phase)) looked.kept = std::make_shared<AsyncMutex::Guard>(std::move(guard));
  co_return looked;
}

/// Of a container that runs the files show the ids of the host.
Owners owners_of(const Container& container) {
  if (!is_running(container.phase)) return {};
  const auto ranges = [](const std::vector<IdRange>& maps) {
    std::vector<files::OwnerRange> list;
    for (const auto& map : maps) list.push_back({map.container_id, map.host_id, map.size});
    return list;
  };
  return {ranges(container.id_maps.uids), ranges(container.id_maps.gids)};
}

PathStat stat_of(int root, const files::Named& named) {
  PathStat stat;
  stat.name = named.name;
  stat.size = named.info.st_size;
  stat.mode = named.info.st_mode;
  stat.mtime_ns = named.info.st_mtim.tv_sec * std::int64_t{1'000'000'000} + named.info.st_mtim.tv_nsec;
  if (S_ISLNK(named.info.st_mode)) stat.link_target = files::follow(root, named.path);
  return stat;
}

PathStat stat_now(Parts& parts, const Container& container, const std::string& path, const std::string& reference) {
  PathStat stat;
  with_files(parts, container, Show::everything,
             [&](int root) { stat = stat_of(root, files::find_named(root, path, reference)); });
  return stat;
}

void write_tar(Parts& parts, const Looked& looked, const std::string& path, const std::string& reference, int out) {
  with_files(parts, *looked.container, Show::everything, [&](int root) {
    const files::Named named = files::find_named(root, path, reference);
    files::TarWriter tar(out, owners_of(*looked.container));
    tar.add_tree(named.directory.get(), named.entry, named.info, named.name);
    tar.finish();
  });
  parts.publish(*looked.container, "archive-path");
}

bool is_below(const std::string& path, const std::string& directory) {
  return path == directory || path.starts_with(directory == "/" ? directory : directory + "/");
}

/// The innermost mount that a path is on decides.
void check_writable(const Container& container, const std::string& path) {
  const MountPoint* mount = nullptr;
  for (const auto& point : container.mounts) {
    if (is_below(path, point.destination) && (!mount || point.destination.size() > mount->destination.size())) mount = &point;
  }
  if (mount != nullptr && !mount->rw) throw invalid("mounted volume is marked read-only");
  const auto& tmpfs = container.host_config.tmpfs;
  const bool on_tmpfs =
      std::any_of(tmpfs.begin(), tmpfs.end(), [&](const auto& item) { return is_below(path, clean_path(item.first)); });
  if (mount == nullptr && !on_tmpfs && container.host_config.readonly_rootfs)
    throw invalid("container rootfs is marked read-only");
}

void extract_now(Parts& parts, const Looked& looked, const std::string& path, const std::string& reference, int in,
                 const ExtractOptions& options) {
  const Container& container = *looked.container;
  with_files(parts, container, Show::everything, [&](int root) {
    const std::string wanted = files::wanted_path(path);
    const UniqueFd target = files::open_in_root(root, wanted, O_PATH);
    struct stat info {};
    if (!target && errno != ENOENT && errno != ENOTDIR) throw os_error("look at " + path, errno);
    if (!target || ::fstat(target.get(), &info) != 0)
      throw not_found("Could not find the file " + path + " in container " + reference);
    if (!S_ISDIR(info.st_mode)) throw invalid("extraction point is not a directory");
    const std::string directory = files::follow(root, wanted);
    check_writable(container, directory);
    files::Extraction extraction;
    extraction.keep_kind = options.keep_kind;
    extraction.owners = owners_of(container);
    if (options.copy_owners && !container.config.user.empty()) extraction.owner = files::find_user(root, container.config.user);
    files::extract(in, root, directory, extraction);
  });
  parts.publish(container, "extract-to-dir");
}

} // namespace

Task<PathStat> ContainerService::stat_path(std::string reference, std::string path) {
  const PartsPtr parts = impl_->parts;
  const Looked looked = co_await look(parts, reference);
  auto job = [&] { return stat_now(*parts, *looked.container, path, reference); };
  co_return co_await on(parts->pool, job);
}

Task<OutgoingArchive> ContainerService::read_archive(std::string reference, std::string path) {
  const PartsPtr parts = impl_->parts;
  const Looked looked = co_await look(parts, reference);
  auto job = [&] { return stat_now(*parts, *looked.container, path, reference); };
  OutgoingArchive archive;
  archive.stat = co_await on(parts->pool, job);
  archive.write = [parts, looked, path, reference](UniqueFd out) { write_tar(*parts, looked, path, reference, out.get()); };
  co_return archive;
}

Task<void> ContainerService::extract_archive(std::string reference, std::string path, UniqueFd tar, ExtractOptions options) {
  const PartsPtr parts = impl_->parts;
  const Looked looked = co_await look(parts, reference);
  // The client decides how long this takes: it does not take a thread that others wait for.
  Pool thread(1);
  auto job = [&] { extract_now(*parts, looked, path, reference, tar.get(), options); };
  co_await on(thread, job);
}

} // namespace gantry::containers
