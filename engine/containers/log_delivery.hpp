#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <gantry/sdk/log.hpp>

#include "containers/log_reader.hpp"
#include "containers/log_target.hpp"

namespace gantry::containers {

/// How the delivery of one container's log stands.
struct DeliveryState {
  std::string driver;
  std::uint64_t delivered = 0; ///< lines, since the container exists
  std::uint64_t dropped =
      0;             ///< lines that were rotated away, or were too old for max-buffer-size, before they could be delivered
  std::string error; ///< of the last attempt; empty: it succeeded
};

/// Carries lines from a container's log file to a plugin's driver, at least once each. The file is the queue; how far it
/// has come is in a file beside it, which is written after every batch. Not thread-safe except state() and cancel().
class LogDelivery {
 public:
  LogDelivery(LogDriver& driver, LogSource source, std::string driver_name, std::string log_path, std::uint64_t backlog_bytes,
              std::shared_ptr<LogTarget> target);
  ~LogDelivery();

  enum class Step { idle, more, wait };
  /// One batch. `idle`: everything that is in the file has been delivered. `wait`: the target is away. Blocks.
  Step step();
  /// For `wait`.
  LogTarget::Clock::duration delay() const { return delay_; }
  /// A step that is waiting for the target gives up, and so does every later one.
  void cancel();
  DeliveryState state() const;

 private:
  class Cancellable;
  void open();
  void load_cursor();
  void save_cursor();
  void note_gap(std::uint64_t next);
  void drop_backlog();
  struct Batch {
    std::vector<LogRecord> records;
    std::vector<std::uint64_t> numbers; ///< of each in the log
  };
  Batch take_batch();
  Step attempt();
  Step deliver(const Batch& batch);
  Step fail(const std::string& why);
  LogRecord record_of(LogLine line);

  LogDriver& driver_;
  LogSource source_;
  std::string log_path_;
  std::uint64_t backlog_bytes_;
  std::shared_ptr<LogTarget> target_;
  std::unique_ptr<Cancellable> call_;
  std::unique_ptr<LogReader> reader_; ///< absent while the target is away: it would keep deleted files alive
  bool open_ = false;
  std::uint64_t cursor_ = 0; ///< the first line that has not been delivered
  struct LongLine {
    std::uint32_t part = 0;
    std::uint64_t line = 0;
  };
  LongLine long_lines_[2]; ///< by stream
  LogTarget::Clock::duration delay_{};
  mutable std::mutex guard_;
  DeliveryState state_;
};

} // namespace gantry::containers
