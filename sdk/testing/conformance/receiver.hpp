#pragma once

#include <string>

#include <gantry/sdk/fd.hpp>

namespace gantry::driver_test {

/// A target for log drivers: takes whatever comes at "tcp://HOST:PORT", "udp://HOST:PORT" or "unixgram://PATH" and keeps it.
class Receiver {
 public:
  explicit Receiver(const std::string& target);
  /// Reads until `text` has come; false when it has not within ten seconds.
  bool hears(const std::string& text);
  const std::string& heard() const { return heard_; }

 private:
  bool stream_ = false;
  UniqueFd socket_, client_;
  std::string heard_;
};

} // namespace gantry::driver_test
