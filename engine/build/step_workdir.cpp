#include "base/id.hpp"
#include "build/builder.hpp"
#include "build/copy/place.hpp"
#include "build/run_config.hpp"
#include "files/open.hpp"

namespace gantry::build {

void Builder::step_workdir(const Instruction& instruction) {
  std::string path = expand(instruction.words.front(), lookup(), escape_);
  if (!path.starts_with('/')) path = (state_.config.working_dir.empty() ? "" : state_.config.working_dir) + "/" + path;
  path = files::clean_path(path);
  if (path.empty()) path = "/";
  const std::string created_by = nop("WORKDIR " + path);
  const State before = state_;
  if (probe(created_by)) return;
  const std::string container = random_id();
  tell(" ---> Running in " + short_id(container) + "\n");
  const auto layer = layers_.change(state_, nullptr, [&](int root, int) { (void)make_directory(root, path, {0, 0}); });
  state_.config.working_dir = path;
  commit_state(state_, {created_by, container, epoch_}, layer);
  if (request_.remove) tell(" ---> Removed intermediate container " + short_id(container) + "\n");
  keep(before, created_by, "", layer ? layer->size : 0);
}

} // namespace gantry::build
