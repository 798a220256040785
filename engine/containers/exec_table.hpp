#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <gantry/sdk/fd.hpp>

#include "containers/container_service.hpp"

namespace gantry::containers {

struct TerminalSize {
  std::uint32_t rows = 0, cols = 0;
};

/// One exec and the descriptor that tells of its end. Members are guarded by `guard`.
struct ExecEntry {
  explicit ExecEntry(Exec e) : exec(std::move(e)) {}
  mutable std::mutex guard;
  Exec exec;
  std::int64_t ended_ns = 0;
  UniqueFd exit_fd; ///< while it runs
  bool die_published = false;
  std::optional<TerminalSize> early_size; ///< asked for before the program was there
};
using ExecEntryPtr = std::shared_ptr<ExecEntry>;

/// Execs by id. Ended ones stay for inspection at least five minutes. Thread-safe.
class ExecTable {
 public:
  /// not_found with Docker's text.
  ExecEntryPtr find(const std::string& id) const;
  void add(ExecEntryPtr entry);
  std::vector<ExecEntryPtr> of_container(const std::string& container_id) const;
  void erase(const std::string& id);
  void erase_container(const std::string& container_id);
  /// Forgets what ended (or was never started) long ago; returns the ids.
  std::vector<std::string> expire(std::int64_t now_ns);

 private:
  mutable std::mutex guard_;
  std::map<std::string, ExecEntryPtr> by_id_;
};

} // namespace gantry::containers
