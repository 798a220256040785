#pragma once

#include <gantry/sdk/detail/guard.hpp>
#include <gantry/sdk/detail/log_wire.hpp>

// gantry_log_table over a LogDriver.
namespace gantry::detail {

struct LogThunks {
  using Self = void*;
  using C = const gantry_call*;
  using S = const gantry_str*;
  using Sink = const gantry_sink*;

  template <class F>
  static std::int32_t run(Self self, C call, F f) noexcept {
    return enter<LogDriver>(self, call, f);
  }

  static std::int32_t validate(Self self, C call, const gantry_array* options) noexcept {
    return run(self, call, [&](LogDriver& d, Call&) { d.validate(pairs_of(*options)); });
  }
  static std::int32_t open(Self self, C call, const gantry_log_source* source) noexcept {
    return run(self, call, [&](LogDriver& d, Call& c) { d.open(c, log_source_of(source)); });
  }
  static std::int32_t write(Self self, C call, S id, const gantry_array* records, Sink sink) noexcept {
    return run(self, call, [&](LogDriver& d, Call& c) {
      // What arrived before a failure did arrive.
      struct Report {
        Sink sink;
        std::size_t delivered = 0;
        ~Report() { put(sink, to_progress(delivered)); }
      } report{sink};
      d.write(c, text(id), records_of(*records), report.delivered);
    });
  }
  static std::int32_t close(Self self, C call, S id) noexcept {
    return run(self, call, [&](LogDriver& d, Call& c) { d.close(c, text(id)); });
  }
};

template <class T>
const gantry_log_table& table_of(const LogDriver*) {
  using K = LogThunks;
  static const gantry_log_table table = {sizeof(gantry_log_table), 0, K::validate, K::open, K::write, K::close};
  return table;
}

} // namespace gantry::detail
