#pragma once

#include <string>
#include <vector>

#include <gantry/sdk/log.hpp>

#include "log-common/containers.hpp"

namespace gantry::log_syslog {

/// Sends lines as syslog messages over udp, tcp, tcp+tls or a unix socket.
class SyslogDriver final : public LogDriver {
 public:
  explicit SyslogDriver(Host&) {}
  void validate(const LogSettings& options) override;
  void open(Call&, const LogSource& source) override;
  void write(Call&, const std::string& id, const std::vector<LogRecord>& records, std::size_t& delivered) override;
  void close(Call&, const std::string& id) override;

 private:
  struct Container;
  log_common::Containers<Container> containers_;
};

} // namespace gantry::log_syslog
