#pragma once

#include <gantry/sdk/detail/guard.hpp>
#include <gantry/sdk/detail/overrides.hpp>
#include <gantry/sdk/detail/runtime_wire.hpp>

// gantry_runtime_table over a RuntimeDriver.
namespace gantry::detail {

GANTRY_DETAIL_OVERRIDES(pause)
GANTRY_DETAIL_OVERRIDES(resume)
GANTRY_DETAIL_OVERRIDES(update)
GANTRY_DETAIL_OVERRIDES(mount)
GANTRY_DETAIL_OVERRIDES(unmount)
GANTRY_DETAIL_OVERRIDES(reconfigure)
GANTRY_DETAIL_OVERRIDES(exec)
GANTRY_DETAIL_OVERRIDES(execs)
GANTRY_DETAIL_OVERRIDES(reattach_exec)
GANTRY_DETAIL_OVERRIDES(stats)

struct RuntimeThunks {
  using Self = void*;
  using C = const gantry_call*;
  using S = const gantry_str*;
  using Sink = const gantry_sink*;

  template <class F>
  static std::int32_t run(Self self, C call, F f) noexcept {
    return enter<RuntimeDriver>(self, call, f);
  }
  static void put_process(Sink sink, RuntimeProcess process, RuntimeState state) { put(sink, to_process(process, state)); }

  static std::int32_t features(Self self, C call, Sink sink) noexcept {
    return run(self, call, [&](RuntimeDriver& d, Call&) {
      const RuntimeFeatures features = d.features();
      put(sink, to_features(features));
    });
  }
  static std::int32_t create(Self self, C call, const gantry_runtime_create* request, Sink sink) noexcept {
    return run(self, call,
               [&](RuntimeDriver& d, Call& c) { put_process(sink, d.create(c, create_of(request)), RuntimeState::created); });
  }
  static std::int32_t start(Self self, C call, S id) noexcept {
    return run(self, call, [&](RuntimeDriver& d, Call& c) { d.start(c, text(id)); });
  }
  static std::int32_t signal(Self self, C call, S id, S exec_id, std::int32_t signo, std::uint32_t all) noexcept {
    return run(self, call, [&](RuntimeDriver& d, Call& c) {
      RuntimeSignal request;
      request.id = text(id);
      request.exec_id = text(exec_id);
      request.signo = signo;
      request.all = all != 0;
      d.signal(c, request);
    });
  }
  static std::int32_t pause(Self self, C call, S id) noexcept {
    return run(self, call, [&](RuntimeDriver& d, Call& c) { d.pause(c, text(id)); });
  }
  static std::int32_t resume(Self self, C call, S id) noexcept {
    return run(self, call, [&](RuntimeDriver& d, Call& c) { d.resume(c, text(id)); });
  }
  static std::int32_t update(Self self, C call, S id, S resources) noexcept {
    return run(self, call, [&](RuntimeDriver& d, Call& c) { d.update(c, text(id), text(resources)); });
  }
  static std::int32_t mount(Self self, C call, S id, const gantry_mount* mount) noexcept {
    return run(self, call, [&](RuntimeDriver& d, Call& c) { d.mount(c, text(id), mount_of(mount)); });
  }
  static std::int32_t unmount(Self self, C call, S id, S target) noexcept {
    return run(self, call, [&](RuntimeDriver& d, Call& c) { d.unmount(c, text(id), text(target)); });
  }
  static std::int32_t remove(Self self, C call, S id, std::uint32_t force) noexcept {
    return run(self, call, [&](RuntimeDriver& d, Call& c) { d.remove(c, text(id), force != 0); });
  }
  static std::int32_t exec(Self self, C call, const gantry_runtime_exec* request, Sink sink) noexcept {
    return run(self, call,
               [&](RuntimeDriver& d, Call& c) { put_process(sink, d.exec(c, exec_of(request)), RuntimeState::running); });
  }
  static std::int32_t resize(Self self, C call, S id, S exec_id, std::uint32_t rows, std::uint32_t cols) noexcept {
    return run(self, call,
               [&](RuntimeDriver& d, Call& c) { d.resize(c, text(id), text(exec_id), dimension(rows), dimension(cols)); });
  }
  static std::int32_t close_stdin(Self self, C call, S id, S exec_id) noexcept {
    return run(self, call, [&](RuntimeDriver& d, Call& c) { d.close_stdin(c, text(id), text(exec_id)); });
  }
  static std::int32_t attach(Self self, C call, const gantry_runtime_attach* request) noexcept {
    return run(self, call, [&](RuntimeDriver& d, Call& c) { d.attach(c, attach_of(request)); });
  }
  static std::int32_t exit_info(Self self, C call, S id, S exec_id, Sink sink) noexcept {
    return run(self, call, [&](RuntimeDriver& d, Call& c) {
      if (const auto exit = d.exit_info(c, text(id), text(exec_id))) put(sink, to_exit(*exit));
    });
  }
  static std::int32_t stats(Self self, C call, S id, Sink sink) noexcept {
    return run(self, call, [&](RuntimeDriver& d, Call& c) {
      const RuntimeStats stats = d.stats(c, text(id));
      put(sink, to_stats(stats));
    });
  }
  static std::int32_t processes(Self self, C call, S id, Sink sink) noexcept {
    return run(self, call, [&](RuntimeDriver& d, Call& c) {
      for (const std::int32_t pid : d.processes(c, text(id))) put(sink, pid);
    });
  }
  static std::int32_t reattach(Self self, C call, S id, S state_json, Sink sink) noexcept {
    return run(self, call, [&](RuntimeDriver& d, Call& c) {
      RuntimeStatus status = d.reattach(c, {text(id), text(state_json)});
      put_process(sink, std::move(status.process), status.state);
    });
  }
  static std::int32_t execs(Self self, C call, S id, Sink sink) noexcept {
    return run(self, call, [&](RuntimeDriver& d, Call& c) {
      for (const auto& exec : d.execs(c, text(id))) put(sink, view(exec));
    });
  }
  static std::int32_t reattach_exec(Self self, C call, S id, S exec_id, Sink sink) noexcept {
    return run(self, call, [&](RuntimeDriver& d, Call& c) {
      RuntimeStatus status = d.reattach_exec(c, text(id), text(exec_id));
      put_process(sink, std::move(status.process), status.state);
    });
  }
  static std::int32_t reconcile(Self self, C call, const gantry_array* live) noexcept {
    return run(self, call, [&](RuntimeDriver& d, Call& c) { d.reconcile(c, texts(*live)); });
  }
  static std::int32_t reconfigure(Self self, C call, S config) noexcept {
    return run(self, call, [&](RuntimeDriver& d, Call& c) { d.reconfigure(c, text(config)); });
  }
};

template <class T>
const gantry_runtime_table& table_of(const RuntimeDriver*) {
  using K = RuntimeThunks;
  using B = RuntimeDriver;
  static const gantry_runtime_table table = {
      sizeof(gantry_runtime_table),
      0,
      K::features,
      K::create,
      K::start,
      K::signal,
      slot<overrides_pause<T, B>::value>(&K::pause),
      slot<overrides_resume<T, B>::value>(&K::resume),
      slot<overrides_update<T, B>::value>(&K::update),
      K::remove,
      slot<overrides_exec<T, B>::value>(&K::exec),
      K::resize,
      K::close_stdin,
      K::attach,
      K::exit_info,
      slot<overrides_stats<T, B>::value>(&K::stats),
      K::processes,
      K::reattach,
      slot<overrides_execs<T, B>::value>(&K::execs),
      slot<overrides_reattach_exec<T, B>::value>(&K::reattach_exec),
      K::reconcile,
      slot<overrides_mount<T, B>::value>(&K::mount),
      slot<overrides_unmount<T, B>::value>(&K::unmount),
      slot<overrides_reconfigure<T, B>::value>(&K::reconfigure),
  };
  return table;
}

} // namespace gantry::detail
