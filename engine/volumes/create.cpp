#include "base/error.hpp"
#include "base/id.hpp"
#include "base/time.hpp"
#include "volumes/driver_call.hpp"
#include "volumes/failpoints.hpp"
#include "volumes/parts.hpp"

// A volume is made row first: what a crash leaves is found in the row and undone (recover.cpp).
namespace gantry::volumes {
namespace {

constexpr const char* default_driver = "local";
/// In a row: its volume is being made, and for no container.
constexpr const char* nobody = "-";
/// As long as it may be copied.
constexpr auto making_timeout = std::chrono::hours(1);

void check_driver(const Volume& existing, const std::string& wanted) {
  if (wanted.empty() || wanted == existing.driver) return;
  throw conflict("driver '" + existing.driver + "' already has volume '" + existing.name + "': volume name must be unique");
}

} // namespace

Row row_for(const CreateVolume& request, const std::string& name, const std::string& driver) {
  Row row;
  row.volume.name = name;
  row.volume.driver = driver;
  row.volume.created_ns = now_ns();
  row.volume.options = request.options;
  row.volume.labels = request.labels;
  if (request.name.empty()) row.volume.labels.emplace(anonymous_label, "");
  row.made_for = request.user.empty() ? nobody : request.user;
  return row;
}

VolumePtr VolumeService::Impl::make(Held& held, Rollback& rollback, const Row& row, const Maker& make) {
  const std::string& name = row.volume.name;
  VolumeDriver& its_driver = driver(row.volume.driver);
  rows.insert(row);
  rollback.add("remove row of volume " + name, [this, name] { rows.erase(name); });
  failpoint("volume.create.after_row");
  DriverCall call(making_timeout);
  make(its_driver, call, {name, settings(row.volume.options), settings(row.volume.labels)});
  rollback.add("remove volume " + name, [&its_driver, name] {
    DriverCall undo; // the one above has ended before this runs
    its_driver.remove(undo, name, false);
  });
  Volume volume = row.volume;
  if (const auto info = its_driver.get(call, name)) take_info(volume, *info);
  failpoint("volume.create.after_driver");
  const bool settled = row.made_for == nobody;
  if (settled) rows.settle_volume(name);
  rollback.dismiss();
  if (!settled) catalog.set_made(*held.item, row.made_for);
  held.volume = std::make_shared<const Volume>(std::move(volume));
  catalog.publish(*held.item, held.volume);
  return held.volume;
}

VolumePtr VolumeService::create(const CreateVolume& request) {
  const std::string name = request.name.empty() ? random_id() : request.name;
  try {
    auto held = impl_->hold(name);
    if (held.volume) {
      (void)impl_->driver(request.driver.empty() ? held.volume->driver : request.driver);
      check_driver(*held.volume, request.driver);
    } else {
      Rollback rollback;
      rollback.add("forget volume " + name, [&] { impl_->catalog.drop(name, *held.item); });
      const Row row = row_for(request, name, request.driver.empty() ? default_driver : request.driver);
      impl_->make(held, rollback, row,
                  [](VolumeDriver& driver, Call& call, const VolumeCreate& create) { driver.create(call, create); });
      impl_->publish(*held.volume, "create");
    }
    if (!request.user.empty()) impl_->catalog.add_user(*held.item, request.user);
    return held.volume;
  } catch (const Error& e) {
    throw e.context("create " + name);
  }
}

} // namespace gantry::volumes
