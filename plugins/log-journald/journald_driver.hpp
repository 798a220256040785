#pragma once

#include <string>
#include <vector>

#include <gantry/sdk/log.hpp>

#include "log-common/containers.hpp"

namespace gantry::log_journald {

/// Sends lines to systemd-journald in its native protocol.
class JournaldDriver final : public LogDriver {
 public:
  JournaldDriver(Host&, const std::string& config_json);
  void validate(const LogSettings& options) override;
  void open(Call&, const LogSource& source) override;
  void write(Call&, const std::string& id, const std::vector<LogRecord>& records, std::size_t& delivered) override;
  void close(Call&, const std::string& id) override;

 private:
  struct Container;
  std::string socket_;
  log_common::Containers<Container> containers_;
};

} // namespace gantry::log_journald
