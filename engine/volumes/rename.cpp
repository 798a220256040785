#include "base/error.hpp"
#include "base/rollback.hpp"
#include "volumes/driver_call.hpp"
#include "volumes/failpoints.hpp"
#include "volumes/parts.hpp"

// The driver's volume gets its name first, then the row. A crash in between leaves a row without a volume and a volume without a
// row, which recovery forgets and takes over: it has the new name, and what it was made with is known to its driver.
namespace gantry::volumes {

VolumePtr VolumeService::rename(const std::string& name, const std::string& new_name) {
  const std::string verb = "rename " + name;
  if (new_name.empty()) throw invalid(verb + ": the new name must not be empty");
  if (name == new_name) throw invalid(verb + ": this is its name already");
  // In one order, so that two renames do not wait for each other.
  Impl::Held first = impl_->hold(std::min(name, new_name)), second = impl_->hold(std::max(name, new_name));
  Impl::Held& old = name < new_name ? first : second;
  Impl::Held& fresh = name < new_name ? second : first;
  Rollback rollback;
  if (!fresh.volume) rollback.add("forget volume " + new_name, [&] { impl_->catalog.drop(new_name, *fresh.item); });
  if (!old.volume) {
    impl_->catalog.drop(name, *old.item);
    throw not_found("get " + name + ": no such volume");
  }
  if (fresh.volume) throw Error(Code::already_exists, verb + ": volume " + new_name + " exists already");
  refuse_users(impl_->catalog.users(*old.item), verb);
  try {
    VolumeDriver& driver = impl_->driver(old.volume->driver);
    DriverCall call;
    driver.rename(call, name, new_name);
    rollback.add("rename volume " + new_name + " back", [&] {
      DriverCall undo;
      driver.rename(undo, new_name, name);
    });
    failpoint("volume.rename.after_driver");
    Volume volume = *old.volume;
    volume.name = new_name;
    if (const auto info = driver.get(call, new_name)) take_info(volume, *info);
    impl_->rows.rename(name, new_name);
    rollback.dismiss();
    failpoint("volume.rename.after_row");
    fresh.volume = std::make_shared<const Volume>(std::move(volume));
  } catch (const Error& e) {
    throw e.context(verb);
  }
  impl_->catalog.publish(*fresh.item, fresh.volume);
  impl_->catalog.drop(name, *old.item);
  impl_->bus.publish({"volume", "rename", new_name, {{"driver", fresh.volume->driver}, {"oldName", name}}, 0});
  return fresh.volume;
}

} // namespace gantry::volumes
