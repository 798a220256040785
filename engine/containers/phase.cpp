#include "containers/phase.hpp"

#include <array>

#include "base/error.hpp"

namespace gantry::containers {
namespace {

constexpr std::array<std::string_view, 8> phase_words = {"created",    "starting", "running",  "paused",
                                                         "restarting", "exited",   "removing", "dead"};

} // namespace

std::string_view to_string(Phase phase) { return phase_words[static_cast<unsigned>(phase)]; }

std::string_view docker_status(Phase phase) { return to_string(phase == Phase::starting ? Phase::created : phase); }

Phase phase_from(std::string_view word) {
  for (std::size_t i = 0; i < phase_words.size(); ++i) {
    if (phase_words[i] == word) return static_cast<Phase>(i);
  }
  throw internal("unknown container phase \"" + std::string(word) + "\" in the state database");
}

} // namespace gantry::containers
