#include "containers/parts.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "containers/driver_call.hpp"
#include "containers/sample_container.hpp"

namespace gantry::containers {
namespace {

constexpr std::size_t probe_threads = 4;

} // namespace

Parts::Parts(boost::asio::any_io_executor executor_, Pool& pool_, const state::Paths& paths_, state::Database& db,
             Drivers drivers_, images::ImageService& images_, volumes::VolumeService& volumes_, events::Bus& bus_,
             Defaults defaults_)
    : executor(std::move(executor_)),
      pool(pool_),
      paths(paths_),
      store(db),
      trash(paths.trash()),
      drivers(drivers_),
      images(images_),
      volumes(volumes_),
      bus(bus_),
      defaults(std::move(defaults_)),
      stats([this](const std::string& id, const HostCpu& host) { return sample_container(*this, id, host); }),
      background(executor),
      id_pool(defaults.userns_auto),
      runtimes(defaults.runtimes),
      logs(background, paths, drivers.logs) {}

ContainerPtr Parts::apply(Entry& entry, const std::function<void(Container&)>& change) {
  const ContainerPtr before = entry.snapshot();
  Container after = *before;
  change(after);
  if (after.phase != before->phase && !can_move(before->phase, after.phase)) {
    throw internal("container " + entry.id + " cannot go from " + std::string(to_string(before->phase)) + " to " +
                   std::string(to_string(after.phase)));
  }
  store.update(after);
  entry.publish(std::move(after));
  return entry.snapshot();
}

ContainerPtr Parts::apply_fact(Entry& entry, const std::function<void(Container&)>& change) {
  try {
    return apply(entry, change);
  } catch (const Error& e) {
    log::error("container " + entry.id + ": store its state: " + e.what());
  }
  Container after = *entry.snapshot();
  change(after);
  entry.publish(std::move(after));
  return entry.snapshot();
}

void Parts::publish(const Container& container, const std::string& action, std::map<std::string, std::string> extra,
                    std::int64_t time_ns) {
  events::Event event;
  event.type = "container";
  event.action = action;
  event.actor_id = container.id;
  event.attributes = container.config.labels;
  event.attributes["image"] = container.image_ref;
  event.attributes["name"] = container.name;
  for (auto& [key, value] : extra) event.attributes[key] = std::move(value);
  event.time_ns = time_ns;
  bus.publish(std::move(event));
}

const RuntimeFeatures& Parts::features() {
  const std::lock_guard lock(drivers_guard_);
  if (!features_) features_ = drivers.runtime.features();
  return *features_;
}

const std::string& Parts::storage_name() {
  const std::lock_guard lock(drivers_guard_);
  if (storage_name_.empty()) storage_name_ = drivers.storage.name();
  return storage_name_;
}

Pool& Parts::probe_pool() {
  const std::lock_guard lock(drivers_guard_);
  if (!probe_pool_) probe_pool_ = std::make_unique<Pool>(probe_threads);
  return *probe_pool_;
}

} // namespace gantry::containers
