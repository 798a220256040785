#pragma once

#include <gantry/sdk/detail/guard.hpp>
#include <gantry/sdk/detail/overrides.hpp>
#include <gantry/sdk/detail/volume_wire.hpp>

// gantry_volume_table over a VolumeDriver.
namespace gantry::detail {

GANTRY_DETAIL_OVERRIDES(usage)
GANTRY_DETAIL_OVERRIDES(rename)
GANTRY_DETAIL_OVERRIDES(snapshot)

struct VolumeThunks {
  using Self = void*;
  using C = const gantry_call*;
  using S = const gantry_str*;
  using Sink = const gantry_sink*;

  template <class F>
  static std::int32_t run(Self self, C call, F f) noexcept {
    return enter<VolumeDriver>(self, call, f);
  }

  static std::int32_t create(Self self, C call, const gantry_volume_create* request) noexcept {
    return run(self, call, [&](VolumeDriver& d, Call& c) { d.create(c, volume_create_of(request)); });
  }
  static std::int32_t remove(Self self, C call, S name, std::uint32_t force) noexcept {
    return run(self, call, [&](VolumeDriver& d, Call& c) { d.remove(c, text(name), force != 0); });
  }
  static std::int32_t mount(Self self, C call, S name, S mount_id, Sink sink) noexcept {
    return run(self, call, [&](VolumeDriver& d, Call& c) {
      const std::vector<Mount> mounts = {d.mount(c, text(name), text(mount_id))};
      const MountViews views(mounts);
      put(sink, views.items().front());
    });
  }
  static std::int32_t unmount(Self self, C call, S name, S mount_id) noexcept {
    return run(self, call, [&](VolumeDriver& d, Call& c) { d.unmount(c, text(name), text(mount_id)); });
  }
  static std::int32_t get(Self self, C call, S name, Sink sink) noexcept {
    return run(self, call, [&](VolumeDriver& d, Call& c) {
      if (const auto info = d.get(c, text(name))) put(sink, VolumeInfoView(*info).get());
    });
  }
  static std::int32_t list(Self self, C call, Sink sink) noexcept {
    return run(self, call, [&](VolumeDriver& d, Call& c) {
      for (const auto& info : d.list(c)) put(sink, VolumeInfoView(info).get());
    });
  }
  static std::int32_t reconcile(Self self, C call, const gantry_array* live) noexcept {
    return run(self, call, [&](VolumeDriver& d, Call& c) { d.reconcile(c, texts(*live)); });
  }
  static std::int32_t usage(Self self, C call, S name, Sink sink) noexcept {
    return run(self, call, [&](VolumeDriver& d, Call& c) { put(sink, to_volume_usage(d.usage(c, text(name)))); });
  }
  static std::int32_t rename(Self self, C call, S name, S new_name) noexcept {
    return run(self, call, [&](VolumeDriver& d, Call& c) { d.rename(c, text(name), text(new_name)); });
  }
  static std::int32_t snapshot(Self self, C call, const gantry_volume_create* request, S source) noexcept {
    return run(self, call, [&](VolumeDriver& d, Call& c) { d.snapshot(c, volume_create_of(request), text(source)); });
  }
};

template <class T>
const gantry_volume_table& table_of(const VolumeDriver*) {
  using K = VolumeThunks;
  static const gantry_volume_table table = {
      sizeof(gantry_volume_table),
      0,
      K::create,
      K::remove,
      K::mount,
      K::unmount,
      K::get,
      K::list,
      K::reconcile,
      slot<overrides_usage<T, VolumeDriver>::value>(&K::usage),
      slot<overrides_rename<T, VolumeDriver>::value>(&K::rename),
      slot<overrides_snapshot<T, VolumeDriver>::value>(&K::snapshot),
  };
  return table;
}

} // namespace gantry::detail
