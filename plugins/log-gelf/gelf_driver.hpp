#pragma once

#include <string>
#include <vector>

#include <gantry/sdk/log.hpp>

#include "log-common/containers.hpp"

namespace gantry::log_gelf {

/// Sends lines as GELF messages: udp with compression and chunks, or tcp.
class GelfDriver final : public LogDriver {
 public:
  explicit GelfDriver(Host& host) : host_(host) {}
  void validate(const LogSettings& options) override;
  void open(Call&, const LogSource& source) override;
  void write(Call&, const std::string& id, const std::vector<LogRecord>& records, std::size_t& delivered) override;
  void close(Call&, const std::string& id) override;

 private:
  struct Container;
  Host& host_;
  log_common::Containers<Container> containers_;
};

} // namespace gantry::log_gelf
