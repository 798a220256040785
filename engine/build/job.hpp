#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "build/build_service.hpp"
#include "build/cache.hpp"
#include "build/cache_images.hpp"
#include "build/context/context.hpp"
#include "build/context/named_contexts.hpp"
#include "build/in_flight.hpp"
#include "build/inline_cache.hpp"
#include "build/layers.hpp"
#include "build/lint/lint.hpp"
#include "build/mounts/cache_mounts.hpp"
#include "build/running_steps.hpp"
#include "build/session/session.hpp"
#include "build/stage_runner.hpp"
#include "build/stages.hpp"
#include "build/step_images.hpp"
#include "build/story.hpp"
#include "build/variables.hpp"

namespace gantry::build {

/// What a finished stage leaves to the ones behind it.
struct BuiltStage {
  State state;
  Args args;
  State base;                  ///< behind its FROM
  std::vector<KeptStep> steps; ///< that led here from an image; only for an inline cache
};

/// What a build has of the daemon.
struct Shared {
  Collaborators& with;
  BuildCache& cache;
  StepImages& step_images;
  CacheMounts& cache_mounts;
  const RunningSteps& running_steps;
  TreeMemory& tree_memory;
  SessionPtr session; ///< null: the client lends nothing
};

/// One build: receives the context, has its stages built (builder.hpp) and names the image. What stages share is public; it does
/// not change while they run, but for `built`, where each writes its own before it ends.
class Job {
 public:
  /// `cancel` is the client's.
  Job(Shared, const BuildRequest&, const images::Progress&, registry::CancelPtr cancel);

  /// Receives the context and checks the Dockerfile; throws what is wrong with the request.
  void prepare(UniqueFd context);
  /// Tells what lint has to say ("lint" in the stream), behind prepare. invalid when the Dockerfile wants warnings to be errors;
  /// `check`: then the warnings are all that is wanted, and the file need not build.
  void look(bool check) const;
  /// Runs every step and names the image. Throws the first failure.
  void run();

  /// The step that failed, behind run; null: it was none of the Dockerfile.
  const Instruction* failed_step() const;
  const std::string& dockerfile() const { return context.dockerfile; }

  Collaborators& with;
  BuildCache& cache;
  StepImages& step_images;
  CacheMounts& cache_mounts;
  const RunningSteps& running_steps;
  TreeMemory& tree_memory;
  const SessionPtr session;
  const BuildRequest& request;
  registry::CancelPtr cancel; ///< of this build: also set when a stage fails
  Context context;
  NamedContexts contexts;
  char escape = '\\';
  Stages stages;
  Variables variables;                     ///< before the first FROM
  const std::optional<std::int64_t> epoch; ///< SOURCE_DATE_EPOCH
  const bool inline_cache;                 ///< BUILDKIT_INLINE_CACHE
  CacheImages cache_images;                ///< --cache-from
  std::vector<std::optional<BuiltStage>> built;
  std::vector<int> first_step; ///< of each stage
  int steps = 0;
  std::optional<Story> story;
  std::optional<StageRunner> runner;
  InFlight in_flight;

 private:
  LintReport lint_report(const Dockerfile&) const;
  void warn() const;
  void declare_globals();
  void find_cache_images();
  /// What --squash makes of the last stage.
  State squashed(const BuiltStage&);
  std::vector<int> bases() const;
  void build_stage(std::size_t index);
  void finish();

  const images::Progress& progress_;
  registry::Cancel::Subscription ended_; ///< by the client
  std::vector<std::string> names_;       ///< full
  Layers layers_;
  std::vector<std::string> warnings_;
  LintReport lint_;
  std::mutex guard_;
  std::vector<std::unique_ptr<Layers>> kept_; ///< what stages made stays until the build ends
  std::set<std::string> mentioned_;
  const Instruction* global_step_ = nullptr;   ///< that is being looked at
  std::vector<const Instruction*> last_steps_; ///< that each stage has come to
};

} // namespace gantry::build
