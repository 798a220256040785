#include "base/error.hpp"
#include "base/id.hpp"
#include "base/rollback.hpp"
#include "volumes/failpoints.hpp"
#include "volumes/parts.hpp"

namespace gantry::volumes {

VolumePtr VolumeService::snapshot(const CreateVolume& request, const std::string& source) {
  const std::string name = request.name.empty() ? random_id() : request.name;
  const std::string verb = "snapshot " + source;
  // As long as it is read it stays, and keeps its name.
  const std::string reader = "snapshot-" + random_id();
  acquire(source, reader);
  Rollback done;
  done.add("release volume " + source, [&] { release(source, reader); });
  const VolumePtr original = find(source);
  auto held = impl_->hold(name);
  if (held.volume) throw Error(Code::already_exists, verb + ": volume " + name + " exists already");
  Rollback rollback;
  rollback.add("forget volume " + name, [&] { impl_->catalog.drop(name, *held.item); });
  try {
    VolumePtr made =
        impl_->make(held, rollback, row_for(request, name, original->driver),
                    [&](VolumeDriver& driver, Call& call, const VolumeCreate& create) { driver.snapshot(call, create, source); });
    impl_->publish(*made, "create");
    return made;
  } catch (const Error& e) {
    throw e.context(verb);
  }
}

} // namespace gantry::volumes
