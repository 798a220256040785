#include "volumes/volume_service.hpp"

#include <filesystem>

#include "base/error.hpp"
#include "plugins/call.hpp"
#include "volumes/driver_call.hpp"
#include "volumes/failpoints.hpp"
#include "volumes/parts.hpp"

namespace gantry::volumes {

bool Volume::anonymous() const { return labels.count(anonymous_label) != 0; }

VolumeService::VolumeService(state::Database& db, VolumeDrivers drivers, events::Bus& bus)
    : impl_(std::make_unique<Impl>(db, std::move(drivers), bus)) {}
VolumeService::~VolumeService() = default;

VolumeDriver& VolumeService::Impl::driver(const std::string& name) {
  const auto found = drivers.find(name);
  if (found != drivers.end()) return *found->second;
  if (bridge == nullptr) throw not_found("error looking up volume plugin " + name + ": plugin \"" + name + "\" not found");
  const std::lock_guard lock(plugins_guard_);
  return plugins_.try_emplace(name, *bridge, name).first->second;
}

namespace {

/// Waits for its turn. A few may wait for as long as it takes; more give up when it does not go on, for each of them keeps one
/// of the engine's threads from everybody else.
std::unique_lock<std::timed_mutex> turn(Item& item, const std::string& name) {
  constexpr int patient = 4;
  std::unique_lock work(item.work, std::defer_lock);
  const int waiting = ++item.waiting;
  const bool got = waiting <= patient ? (work.lock(), true) : work.try_lock_for(std::chrono::seconds(2));
  --item.waiting;
  if (got) return work;
  throw unavailable("volume " + name + " is busy: its driver has not answered earlier requests");
}

} // namespace

VolumeService::Impl::Held VolumeService::Impl::hold(const std::string& name) {
  Held held;
  // One that was dropped while this waited for it is no longer the item of that name.
  do {
    held.item = catalog.claim(name);
    held.work = turn(*held.item, name);
  } while (catalog.find(name) != held.item);
  held.volume = catalog.get(name);
  return held;
}

VolumeService::Impl::Held VolumeService::Impl::hold_existing(const std::string& verb, const std::string& name) {
  Held held = hold(name);
  if (held.volume) return held;
  catalog.drop(name, *held.item);
  throw not_found(verb + " " + name + ": no such volume");
}

void VolumeService::Impl::publish(const Volume& volume, const char* action) {
  bus.publish({"volume", action, volume.name, {{"driver", volume.driver}}, 0});
}

void VolumeService::Impl::destroy(Held& held) {
  const std::string name = held.volume->name;
  DriverCall call;
  driver(held.volume->driver).remove(call, name, false);
  failpoint("volume.remove.after_driver");
  rows.erase(name);
  failpoint("volume.remove.after_row");
  catalog.drop(name, *held.item);
  held.work.unlock();
}

VolumePtr VolumeService::find(const std::string& name) const {
  VolumePtr volume = impl_->catalog.get(name);
  if (!volume) throw not_found("get " + name + ": no such volume");
  return volume;
}

std::vector<VolumePtr> VolumeService::list() const { return impl_->catalog.all(); }
std::vector<std::string> VolumeService::users(const std::string& name) const { return impl_->catalog.users(name); }

std::vector<std::string> VolumeService::drivers() const {
  std::vector<std::string> names;
  for (const auto& [name, driver] : impl_->drivers) names.push_back(name);
  return names;
}

VolumeUsage VolumeService::usage(const std::string& name) {
  const VolumePtr volume = find(name);
  DriverCall call;
  return impl_->driver(volume->driver).usage(call, name);
}

void VolumeService::acquire(const std::string& name, const std::string& user) {
  auto held = impl_->hold_existing("get", name);
  impl_->catalog.add_user(*held.item, user);
}

void VolumeService::release(const std::string& name, const std::string& user) {
  if (const ItemPtr item = impl_->catalog.find(name)) impl_->catalog.remove_user(*item, user);
}

Mount VolumeService::mount(const std::string& name, const std::string& user) {
  auto held = impl_->hold_existing("get", name);
  DriverCall call;
  auto& driver = impl_->driver(held.volume->driver);
  Mount mount = driver.mount(call, name, user);
  // Some drivers have a place for it only while it is mounted.
  if (held.volume->mountpoint.empty() && mount.type == "bind") {
    Volume now = *held.volume;
    now.mountpoint = mount.source;
    impl_->catalog.publish(*held.item, std::make_shared<const Volume>(std::move(now)));
  }
  return mount;
}

void VolumeService::unmount(const std::string& name, const std::string& user) {
  auto held = impl_->hold(name);
  if (!held.volume) return impl_->catalog.drop(name, *held.item);
  DriverCall call;
  impl_->driver(held.volume->driver).unmount(call, name, user);
}

void take_info(Volume& volume, const VolumeInfo& info) {
  volume.mountpoint = info.mountpoint;
  volume.status = pairs(info.status);
  volume.global = info.global;
}

VolumeSettings settings(const Pairs& pairs) { return {pairs.begin(), pairs.end()}; }
Pairs pairs(const VolumeSettings& settings) { return {settings.begin(), settings.end()}; }

void empty_directory(const std::string& path) {
  for (const auto& item : std::filesystem::directory_iterator(path)) std::filesystem::remove_all(item.path());
}

} // namespace gantry::volumes
