#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "build/build_service.hpp"
#include "build/running_steps.hpp"
#include "build/state.hpp"
#include "images/image_service.hpp"

namespace gantry::build {

/// A program that ended with another status than 0.
class StepFailed : public Error {
 public:
  StepFailed(std::int64_t code, const std::string& message) : Error(Code::unknown, message), code_(code) {}
  std::int64_t exit_code() const { return code_; }

 private:
  std::int64_t code_;
};

struct RunStep {
  containers::StringList command;
  containers::StringList env; ///< of the image, and arguments
  std::string network_mode;
  containers::StringList entrypoint; ///< what the command is given to; empty: nothing
  std::vector<std::string> binds;
  std::map<std::string, std::string> tmpfs; ///< options by target
  bool privileged = false;
  std::vector<std::string> devices; ///< CDI names
};

/// One container of a RUN: made by the constructor, removed by `remove` or left behind for its user to look at. When the daemon
/// dies before either, the next one removes it (end_step).
class RunContainer {
 public:
  RunContainer(Collaborators&, const RunningSteps&, const BuildRequest&, const State&, const std::string& image, const RunStep&);
  RunContainer(const RunContainer&) = delete;
  RunContainer& operator=(const RunContainer&) = delete;

  const std::string& id() const { return id_; }
  /// Runs it to its end and tells its output. StepFailed for a status that is not 0; a cancel kills and removes it.
  void run(const images::Progress&, registry::Cancel&);
  void remove();

 private:
  void pass_on(int socket, const images::Progress&, registry::Cancel&);

  Collaborators& with_;
  std::string id_, shown_;
  std::optional<RunningSteps::Mark> mark_;
};

/// Kills and removes the container of a step; missing is fine. Blocks.
void end_step(Collaborators&, const std::string& container);

} // namespace gantry::build
