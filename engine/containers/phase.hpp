#pragma once

#include <cstdint>
#include <string_view>

namespace gantry::containers {

/// The one state of a container. Docker's overlapping booleans (Running, Paused, Restarting, Dead) are derived from it
/// at the wire. Persisted by name.
enum class Phase : std::uint8_t {
  created,  ///< never ran, or its last start failed
  starting, ///< between start's promise and its answer
  running,
  paused,
  restarting, ///< exited, waiting for the restart policy's delay
  exited,
  removing,
  dead, ///< removal failed half-way; only remove is legal
};

constexpr std::uint8_t bit(Phase p) { return static_cast<std::uint8_t>(1U << static_cast<unsigned>(p)); }

/// Whether `from` → `to` is a legal move.
constexpr bool can_move(Phase from, Phase to) {
  constexpr std::uint8_t allowed[] = {
      /* created    */ static_cast<std::uint8_t>(bit(Phase::starting) | bit(Phase::removing)),
      /* starting   */ static_cast<std::uint8_t>(bit(Phase::running) | bit(Phase::created) | bit(Phase::exited)),
      /* running    */ static_cast<std::uint8_t>(bit(Phase::paused) | bit(Phase::exited) | bit(Phase::restarting)),
      /* paused     */ static_cast<std::uint8_t>(bit(Phase::running) | bit(Phase::exited) | bit(Phase::restarting)),
      /* restarting */ static_cast<std::uint8_t>(bit(Phase::starting) | bit(Phase::exited) | bit(Phase::removing)),
      /* exited     */ static_cast<std::uint8_t>(bit(Phase::starting) | bit(Phase::removing)),
      /* removing   */ bit(Phase::dead),
      /* dead       */ bit(Phase::removing),
  };
  return (allowed[static_cast<unsigned>(from)] & bit(to)) != 0;
}

/// Docker's word: "created" "running" (starting counts as created) "paused" "restarting" "exited" "removing" "dead".
std::string_view docker_status(Phase);
std::string_view to_string(Phase);
/// internal when the stored word is unknown.
Phase phase_from(std::string_view);

} // namespace gantry::containers
