#include "base/error.hpp"
#include "base/id.hpp"
#include "base/rollback.hpp"
#include "base/time.hpp"
#include "volumes/driver_call.hpp"
#include "volumes/failpoints.hpp"
#include "volumes/parts.hpp"

// A volume is made row first: what a crash leaves is found in the row and undone (recover.cpp).
namespace gantry::volumes {
namespace {

constexpr const char* default_driver = "local";

Row row_for(const CreateVolume& request, const std::string& name) {
  Row row;
  row.volume.name = name;
  row.volume.driver = request.driver.empty() ? default_driver : request.driver;
  row.volume.created_ns = now_ns();
  row.volume.options = request.options;
  row.volume.labels = request.labels;
  if (request.name.empty()) row.volume.labels.emplace(anonymous_label, "");
  row.made_for = request.user.empty() ? "-" : request.user;
  return row;
}

void check_driver(const Volume& existing, const std::string& wanted) {
  if (wanted.empty() || wanted == existing.driver) return;
  throw conflict("driver '" + existing.driver + "' already has volume '" + existing.name + "': volume name must be unique");
}

} // namespace

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
      const Row row = row_for(request, name);
      auto& driver = impl_->driver(row.volume.driver);
      impl_->rows.insert(row);
      rollback.add("remove row of volume " + name, [&] { impl_->rows.erase(name); });
      failpoint("volume.create.after_row");
      DriverCall call;
      driver.create(call, {name, settings(request.options), settings(request.labels)});
      rollback.add("remove volume " + name, [&] {
        DriverCall undo; // the one above has ended before this runs
        driver.remove(undo, name, false);
      });
      Volume volume = row.volume;
      if (const auto info = driver.get(call, name)) take_info(volume, *info);
      failpoint("volume.create.after_driver");
      if (request.user.empty()) impl_->rows.settle_volume(name);
      rollback.dismiss();
      if (!request.user.empty()) impl_->catalog.set_made(*held.item, request.user);
      held.volume = std::make_shared<const Volume>(std::move(volume));
      impl_->catalog.publish(*held.item, held.volume);
    }
    if (!request.user.empty()) impl_->catalog.add_user(*held.item, request.user);
    impl_->publish(*held.volume, "create");
    return held.volume;
  } catch (const Error& e) {
    throw e.context("create " + name);
  }
}

} // namespace gantry::volumes
