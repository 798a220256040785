#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gantry/sdk/error.hpp>
#include <gantry/sdk/host.hpp>

// The log driver: hands what containers write to somebody else (syslog, a journal, a collector).
// The container's log file is the queue. The engine reads it and calls `write` with what has not been delivered yet, again
// and again until the driver says that it arrived; so nothing is lost while a target, the driver or the daemon is away, and a
// record may arrive twice after a crash. The driver keeps no queue of its own.
// Threading: [op], the host serialises per container; different containers come at the same time.
namespace gantry {

using LogSettings = std::vector<std::pair<std::string, std::string>>;

/// Whose lines these are.
struct LogSource {
  std::string id;         ///< of the container, 64 hex digits
  std::string name;       ///< without a slash
  std::string image_id;   ///< "sha256:…"
  std::string image_name; ///< as the user wrote it
  std::string command;    ///< path and arguments, joined by spaces
  std::string tag;        ///< the option `tag` with its template filled in; the short id when it was not given
  std::int64_t created_ns = 0;
  LogSettings options;    ///< those that are the driver's own; validated
  LogSettings attributes; ///< labels and variables chosen by labels, labels-regex, env, env-regex; sorted
};

/// A line, or a part of one that is longer than 16 KiB.
struct LogRecord {
  std::int64_t time_ns = 0; ///< CLOCK_REALTIME
  bool err = false;         ///< stderr
  bool more = false;        ///< the line goes on in a later record of the same stream
  std::uint64_t line = 0;   ///< number of the line's first record in the container's log: the same for all parts
  std::uint32_t part = 0;   ///< 1, 2, …; 0: the whole line
  std::string text;         ///< without the newline; any bytes
};

class LogDriver {
 public:
  virtual ~LogDriver() = default;

  /// Looks at options when a container is created. invalid, with a sentence for the user. The engine's own (tag, labels,
  /// labels-regex, env, env-regex, mode, max-buffer-size, cache-*) do not come here. Touches no network.
  virtual void validate(const LogSettings& options) = 0;
  /// From now on `write` may be called for source.id. Repeated: replaces what was there (a new name, after a crash). Does not
  /// wait for the target: it may be away.
  virtual void open(Call&, const LogSource& source) = 0;
  /// Delivers records in order. `delivered` counts those that have certainly been handed over; it is looked at whether the
  /// call returns or throws, and the rest comes again. unavailable when the target cannot be reached or does not take more.
  /// Gives up after about ten seconds, or when the call is cancelled: the engine decides when to try again.
  virtual void write(Call&, const std::string& id, const std::vector<LogRecord>& records, std::size_t& delivered) = 0;
  /// Nothing more comes. Missing is OK.
  virtual void close(Call&, const std::string& id) = 0;
};

} // namespace gantry
