#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gantry {

enum class LogLevel : int { trace, debug, info, warn, error };

/// What the engine gives a driver instance. Every method may be called from any thread ([any]).
class Host {
 public:
  virtual ~Host() = default;
  virtual void log(LogLevel level, std::string_view message) = 0;
  /// Absolute directory that persists across reboots and belongs to this driver instance alone. Exists, mode 0700.
  virtual const std::string& state_dir() const = 0;
  /// Absolute directory on a tmpfs (normally) that is gone after a reboot. Exists, mode 0700. Keep socket paths below
  /// it short: sun_path holds 108 bytes.
  virtual const std::string& run_dir() const = 0;
  /// Directory of helper executables shipped with the plugin (`<prefix>/libexec/gantry`).
  virtual const std::string& libexec_dir() const = 0;
  /// Name of this daemon instance: unique on the machine, [a-z0-9-]{1,12}; put it into every name that the host shares
  /// (cgroup, bridge, nft table).
  virtual const std::string& instance() const = 0;
};

/// One operation in flight. The engine makes it, the driver looks at it now and then.
class Call {
 public:
  virtual ~Call() = default;
  virtual bool cancelled() const = 0;
  /// Readable (eventfd) once the call is cancelled; borrowed.
  virtual int cancel_fd() const = 0;
  /// CLOCK_MONOTONIC nanoseconds; 0 means no deadline.
  virtual std::int64_t deadline_ns() const = 0;
  virtual void progress(std::uint64_t current, std::uint64_t total) = 0;
};

} // namespace gantry
