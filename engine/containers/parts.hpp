#pragma once

#include <functional>
#include <memory>
#include <string>

#include "containers/background.hpp"
#include "containers/container_service.hpp"
#include "containers/exec_table.hpp"
#include "containers/id_pool.hpp"
#include "containers/index.hpp"
#include "containers/log_keeper.hpp"
#include "containers/runtimes.hpp"
#include "containers/selinux/categories.hpp"
#include "containers/store.hpp"
#include "containers/trash.hpp"

namespace gantry::containers {

/// What the verbs share: the collaborators of the service, and the two things every verb does with them.
struct Parts {
  Parts(boost::asio::any_io_executor, Pool&, const state::Paths&, state::Database&, Drivers, images::ImageService&,
        volumes::VolumeService&, events::Bus&, Defaults);

  /// Changes a container: stores the new state, then shows it to readers. A change of phase must be legal.
  /// Blocks; the entry's mutex is held.
  ContainerPtr apply(Entry&, const std::function<void(Container&)>& change);
  /// The same for what has already happened: readers see it even when it cannot be stored (a full disk); that is logged, and
  /// the next daemon finds out again.
  ContainerPtr apply_fact(Entry&, const std::function<void(Container&)>& change);
  /// Publishes a container event with its labels, image, name and `extra`.
  void publish(const Container&, const std::string& action, std::map<std::string, std::string> extra = {},
               std::int64_t time_ns = 0);
  /// Of the runtime driver, asked once.
  const RuntimeFeatures& features();
  /// Of the storage driver, asked once ("overlay2").
  const std::string& storage_name();
  /// For what health checks block in, so that a check that is stuck costs other checks time and nothing else. Made when first
  /// asked for: most daemons have no check.
  Pool& probe_pool();

  boost::asio::any_io_executor executor;
  Pool& pool;
  /// Execs are launched on threads of their own: one that is frozen on its way by a pause, or hangs in a file system, must
  /// not take the thread that the unpause (or anything else) needs.
  Pool exec_pool{16};
  const state::Paths& paths;
  Store store;
  Trash trash;
  Drivers drivers;
  images::ImageService& images;
  volumes::VolumeService& volumes;
  events::Bus& bus;
  Defaults defaults;
  Index index;
  ExecTable execs;
  StatsCollector stats;
  Background background;
  IdPool id_pool;
  Runtimes runtimes;
  selinux::Categories categories;
  LogKeeper logs;

 private:
  std::mutex drivers_guard_;
  std::optional<RuntimeFeatures> features_;
  std::string storage_name_;
  std::unique_ptr<Pool> probe_pool_;
};
using PartsPtr = std::shared_ptr<Parts>;

struct ContainerService::Impl {
  PartsPtr parts;
};

} // namespace gantry::containers
