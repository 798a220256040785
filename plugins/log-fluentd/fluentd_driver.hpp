#pragma once

#include <string>
#include <vector>

#include <gantry/sdk/log.hpp>

#include "log-common/containers.hpp"

namespace gantry::log_fluentd {

/// Sends lines to fluentd or fluent-bit in the Forward protocol.
class FluentdDriver final : public LogDriver {
 public:
  explicit FluentdDriver(Host&) {}
  void validate(const LogSettings& options) override;
  void open(Call&, const LogSource& source) override;
  void write(Call&, const std::string& id, const std::vector<LogRecord>& records, std::size_t& delivered) override;
  void close(Call&, const std::string& id) override;

 private:
  struct Container;
  log_common::Containers<Container> containers_;
};

} // namespace gantry::log_fluentd
