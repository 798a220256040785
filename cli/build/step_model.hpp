#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "cli/json.hpp"

namespace gantry::cli {

/// One step of a build, as a display knows it.
struct BuildStep {
  enum class State { running, done, cached, failed, canceled };

  int id = 0;       ///< of the daemon
  std::string name; ///< "[web 2/3] RUN make"
  State state = State::running;
  std::int64_t started_ns = 0, ended_ns = 0;     ///< the daemon's clock
  std::chrono::steady_clock::time_point since{}; ///< ours
  std::deque<std::string> lines{};               ///< the end of its output, without anything that a terminal obeys
  std::string partial{};                         ///< a line that has not ended
  std::map<std::string, std::string> layers{};   ///< of a pull: what each does

  double seconds() const;
};

/// What the messages of POST /build?progress=steps come to. Output is cleaned on the way: it is a container's.
class StepModel {
 public:
  /// The step that the message was about; null: about none.
  BuildStep* take(const Json& message);

  const std::vector<BuildStep>& steps() const { return steps_; }
  /// A step of this client's own; its id.
  int begin(const std::string& name);
  void rename(int id, const std::string& name) { find(id).name = name; }
  void end(int id, BuildStep::State state);

 private:
  BuildStep& find(int id);

  std::vector<BuildStep> steps_;
};

/// Without control characters and escape sequences; of what a carriage return overwrites only the end is left.
std::string cleaned(const std::string& line);

} // namespace gantry::cli
