#pragma once

#include <gantry/sdk/detail/guard.hpp>
#include <gantry/sdk/detail/overrides.hpp>
#include <gantry/sdk/detail/storage_wire.hpp>

// gantry_storage_table over a StorageDriver.
namespace gantry::detail {

GANTRY_DETAIL_OVERRIDES(graph_data)
GANTRY_DETAIL_OVERRIDES(apply)
GANTRY_DETAIL_OVERRIDES(diff)
GANTRY_DETAIL_OVERRIDES(export_tree)
GANTRY_DETAIL_OVERRIDES(changes)

struct StorageThunks {
  using Self = void*;
  using C = const gantry_call*;
  using S = const gantry_str*;
  using Sink = const gantry_sink*;

  template <class F>
  static std::int32_t run(Self self, C call, F f) noexcept {
    return enter<StorageDriver>(self, call, f);
  }
  static void put_mounts(Sink sink, const std::vector<Mount>& mounts) {
    const MountViews views(mounts);
    for (const auto& m : views.items()) put(sink, m);
  }
  static void put_pairs(Sink sink, const std::vector<std::pair<std::string, std::string>>& pairs) {
    for (const auto& p : pairs) put(sink, gantry_kv{view(p.first), view(p.second)});
  }

  static std::int32_t name(Self self, C call, Sink sink) noexcept {
    return run(self, call, [&](StorageDriver& d, Call&) {
      const std::string name = d.name();
      put(sink, view(name));
    });
  }
  static std::int32_t status(Self self, C call, Sink sink) noexcept {
    return run(self, call, [&](StorageDriver& d, Call&) { put_pairs(sink, d.status()); });
  }
  static std::int32_t prepare(Self self, C call, S key, S parent, const gantry_snapshot_options* options, Sink sink) noexcept {
    return run(self, call,
               [&](StorageDriver& d, Call& c) { put_mounts(sink, d.prepare(c, text(key), text(parent), options_of(options))); });
  }
  static std::int32_t view_snapshot(Self self, C call, S key, S parent, Sink sink) noexcept {
    return run(self, call, [&](StorageDriver& d, Call& c) { put_mounts(sink, d.view(c, text(key), text(parent))); });
  }
  static std::int32_t mounts(Self self, C call, S key, Sink sink) noexcept {
    return run(self, call, [&](StorageDriver& d, Call& c) { put_mounts(sink, d.mounts(c, text(key))); });
  }
  static std::int32_t commit(Self self, C call, S name, S key, S parent) noexcept {
    return run(self, call, [&](StorageDriver& d, Call& c) { d.commit(c, text(name), text(key), text(parent)); });
  }
  static std::int32_t remove(Self self, C call, S id) noexcept {
    return run(self, call, [&](StorageDriver& d, Call& c) { d.remove(c, text(id)); });
  }
  static std::int32_t stat(Self self, C call, S id, Sink sink) noexcept {
    return run(self, call, [&](StorageDriver& d, Call& c) {
      if (const auto info = d.stat(c, text(id))) put(sink, to_snapshot(*info));
    });
  }
  static std::int32_t list(Self self, C call, Sink sink) noexcept {
    return run(self, call, [&](StorageDriver& d, Call& c) {
      for (const auto& info : d.list(c)) put(sink, to_snapshot(info));
    });
  }
  static std::int32_t usage(Self self, C call, S id, Sink sink) noexcept {
    return run(self, call, [&](StorageDriver& d, Call& c) { put(sink, to_usage(d.usage(c, text(id)))); });
  }
  static std::int32_t reconcile(Self self, C call, const gantry_array* live) noexcept {
    return run(self, call, [&](StorageDriver& d, Call& c) { d.reconcile(c, texts(*live)); });
  }
  static std::int32_t graph_data(Self self, C call, S id, Sink sink) noexcept {
    return run(self, call, [&](StorageDriver& d, Call& c) { put_pairs(sink, d.graph_data(c, text(id))); });
  }
  static std::int32_t apply(Self self, C call, S key, std::int32_t in_fd, Sink sink) noexcept {
    return run(self, call, [&](StorageDriver& d, Call& c) {
      const AppliedLayer layer = d.apply(c, text(key), in_fd);
      put(sink, to_layer(layer));
    });
  }
  static std::int32_t diff(Self self, C call, S id, std::int32_t out_fd, Sink sink) noexcept {
    return run(self, call, [&](StorageDriver& d, Call& c) {
      const AppliedLayer layer = d.diff(c, text(id), out_fd);
      put(sink, to_layer(layer));
    });
  }
  static std::int32_t export_tree(Self self, C call, S id, std::int32_t out_fd) noexcept {
    return run(self, call, [&](StorageDriver& d, Call& c) { d.export_tree(c, text(id), out_fd); });
  }
  static std::int32_t changes(Self self, C call, S key, Sink sink) noexcept {
    return run(self, call, [&](StorageDriver& d, Call& c) {
      for (const auto& change : d.changes(c, text(key))) put(sink, to_change(change));
    });
  }
};

template <class T>
const gantry_storage_table& table_of(const StorageDriver*) {
  using K = StorageThunks;
  using B = StorageDriver;
  static const gantry_storage_table table = {
      sizeof(gantry_storage_table),
      0,
      K::name,
      K::status,
      K::prepare,
      K::view_snapshot,
      K::mounts,
      K::commit,
      K::remove,
      K::stat,
      K::list,
      K::usage,
      K::reconcile,
      slot<overrides_graph_data<T, B>::value>(&K::graph_data),
      slot<overrides_apply<T, B>::value>(&K::apply),
      slot<overrides_diff<T, B>::value>(&K::diff),
      slot<overrides_export_tree<T, B>::value>(&K::export_tree),
      slot<overrides_changes<T, B>::value>(&K::changes),
  };
  return table;
}

} // namespace gantry::detail
