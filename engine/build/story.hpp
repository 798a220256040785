#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "images/image_service.hpp"

namespace gantry::build {

/// What is told of a step besides its output, to clients that ask for steps.
struct StepMark {
  int step = 0;
  const char* state = ""; ///< "started", "done", "cached", "failed" or "canceled"
  std::string stage{}, text{};
  int number = 0, of = 0; ///< in its stage; 0: not counted
};

/// What stages tell that run side by side. Classic clients get it in the order of the Dockerfile: only the first stage that has
/// not ended speaks, what the others say waits. Clients that ask for steps get everything at once, with "step" in every message.
/// Thread-safe.
class Story {
 public:
  enum class Form { classic, steps };
  /// What a stage that runs ahead may have waiting; the oldest goes beyond that, and its place says so.
  static constexpr std::size_t ahead_max = 4 << 20;
  /// The same of all stages together: then the longest gives way.
  static constexpr std::size_t all_max = 32 << 20;

  /// `needed[i]`: whether stage i is built at all.
  Story(const images::Progress& progress, Form form, const std::vector<bool>& needed);

  /// Output of a step, or progress of a pull.
  void tell(std::size_t stage, int step, Json message);
  /// The classic builder's own words.
  void chat(std::size_t stage, const std::string& text);
  void mark(const StepMark& mark);
  /// The stage is done: its successor's turn.
  void end(std::size_t stage);
  /// A stage failed, and none runs any more: what is left up to its end is told, the rest never happened.
  void fail(std::size_t stage);

 private:
  struct Ahead {
    std::deque<Json> messages;
    std::size_t size = 0, lost = 0;
    bool ended = false;
  };
  void push(std::size_t stage, Json message);
  void flush(Ahead& ahead);
  void drop_oldest(Ahead& ahead);
  void pass_turn();

  const images::Progress& progress_;
  const Form form_;
  std::mutex guard_;
  std::vector<Ahead> stages_;
  std::size_t turn_ = 0, waiting_ = 0; ///< the latter: bytes of all that wait
};

} // namespace gantry::build
