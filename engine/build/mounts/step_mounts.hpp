#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "build/context/named_contexts.hpp"
#include "build/layers.hpp"
#include "build/mounts/cache_mounts.hpp"
#include "build/mounts/mount_flag.hpp"
#include "build/session/session.hpp"
#include "build/state.hpp"

namespace gantry::build {

/// One mount of a RUN, and whose files it shows.
struct StepMount {
  RunMount flag;
  std::string target;           ///< absolute, clean; empty: nothing is mounted (a secret that is only a variable)
  std::optional<State> state{}; ///< whose layers; absent: `tree`, the context's (bind), nobody's (others)
  ContextTreePtr tree{};        ///< a named context; null: none
};
/// `flag` with its target made absolute by the image's working directory; `agents` are before it in the same step. invalid for a
/// target that cannot be.
StepMount step_mount(RunMount flag, const std::string& working_dir, int agents);

/// What the mounts say to the cache: their texts, and the content of what comes from the context. No secret is in it.
/// not_found for what the context lacks.
std::string mounts_key(const std::vector<StepMount>&, int context);

/// Mounts while a step runs; gone, with what was changed in them (but for caches), with the object.
struct PreparedMounts {
  containers::StringList binds, env, entrypoint;
  std::map<std::string, std::string> tmpfs;
  std::vector<std::string> targets;        ///< where places are made for them
  std::vector<std::shared_ptr<void>> held; ///< what keeps them there
};

/// What mounts are made of.
struct MountSources {
  Layers& layers;
  CacheMounts& caches;
  SessionPtr session; ///< null: the client lends nothing
  int context;        ///< root of its files
  std::string directory, init_program, cache_namespace;
  const containers::IdMaps& ids; ///< of the container; empty: the host's
  registry::Cancel& cancel;
};

/// Blocks while a cache is locked. BuildKit's texts for what the client does not lend.
PreparedMounts prepare_mounts(const std::vector<StepMount>&, const MountSources&);

} // namespace gantry::build
