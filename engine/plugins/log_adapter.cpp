#include "plugins/log_adapter.hpp"

#include <gantry/sdk/detail/log_wire.hpp>
#include <utility>

#include "plugins/call.hpp"
#include "plugins/sink.hpp"

namespace gantry::plugins {

namespace {

using Self = void*;
using C = const gantry_call*;

class LogAdapter final : public LogDriver {
 public:
  LogAdapter(const gantry_log_table& table, std::unique_ptr<DriverInstance> instance) : t_(table), driver_(std::move(instance)) {}

  void validate(const LogSettings& options) override {
    CancellableCall call;
    const auto views = detail::pair_views(options);
    const gantry_array array = detail::array_of(views);
    driver_->invoke(t_.validate, "validate", call, [&](Self self, C c) { return t_.validate(self, c, &array); });
  }

  void open(Call& call, const LogSource& source) override {
    const detail::LogSourceView view(source);
    driver_->invoke(t_.open, "open", call, [&](Self self, C c) { return t_.open(self, c, view.get()); });
  }

  void write(Call& call, const std::string& id, const std::vector<LogRecord>& records, std::size_t& delivered) override {
    const gantry_str i = detail::view(id);
    const auto views = detail::record_views(records);
    const gantry_array array = detail::array_of(views);
    Results result(&detail::progress_of);
    // Read also when the driver failed: what it says to have delivered is not sent again.
    struct Taken {
      Results<gantry_log_progress, std::uint64_t>& result;
      std::size_t limit;
      std::size_t& delivered;
      void take() {
        if (const auto count = std::move(result).optional()) delivered = std::min<std::size_t>(*count, limit);
      }
    } taken{result, records.size(), delivered};
    try {
      driver_->invoke(t_.write, "write", call, [&](Self self, C c) { return t_.write(self, c, &i, &array, result.get()); });
    } catch (const Error&) {
      taken.take();
      throw;
    }
    taken.take();
  }

  void close(Call& call, const std::string& id) override {
    const gantry_str i = detail::view(id);
    driver_->invoke(t_.close, "close", call, [&](Self self, C c) { return t_.close(self, c, &i); });
  }

 private:
  gantry_log_table t_;
  std::unique_ptr<DriverInstance> driver_;
};

} // namespace

std::unique_ptr<LogDriver> adapt_log(const gantry_log_table& table, std::unique_ptr<DriverInstance> instance) {
  return std::make_unique<LogAdapter>(table, std::move(instance));
}

} // namespace gantry::plugins
