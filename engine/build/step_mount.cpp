#include <tuple>

#include "build/builder.hpp"
#include "build/mounts/step_mounts.hpp"

namespace gantry::build {

std::vector<StepMount> Builder::mounts_of(const Instruction& instruction) {
  constexpr std::string_view prefix = "--mount=";
  std::vector<StepMount> mounts;
  int agents = 0;
  for (const auto& flag : instruction.flags) {
    if (!flag.starts_with(prefix)) continue;
    auto wanted =
        parse_mount_flag(flag.substr(prefix.size()), [&](const std::string& text) { return expand(text, lookup(), escape_); });
    StepMount mount = step_mount(std::move(wanted), state_.config.working_dir, agents);
    if (mount.flag.type == "ssh") ++agents;
    if (!mount.flag.from.empty()) std::tie(mount.state, mount.tree) = files_of(mount.flag.from);
    mounts.push_back(std::move(mount));
  }
  return mounts;
}

MountSources Builder::mount_sources() {
  return {layers_,
          cache_mounts_,
          session_,
          context_.root.get(),
          with_.paths.build_mounts(),
          with_.init_program,
          variables_.passed("BUILDKIT_CACHE_MOUNT_NS").value_or(""),
          with_.ids,
          *cancel_};
}

} // namespace gantry::build
