#pragma once

#include <optional>
#include <string>
#include <vector>

#include "build/copy/sources.hpp"
#include "build/job.hpp"
#include "build/mounts/step_mounts.hpp"

namespace gantry::build {

/// One stage of a build, on one thread: tells the classic builder's story. Steps are in the files of their instructions
/// (step_*.cpp).
class Builder {
 public:
  Builder(Job& job, std::size_t stage);

  /// Runs the steps of the stage. Throws the first failure.
  BuiltStage run();
  /// Behind run, also when it failed.
  std::unique_ptr<Layers> take_layers() { return std::move(own_layers_); }
  const std::set<std::string>& mentioned() const { return variables_.mentioned(); }
  /// The step that it is at.
  const Instruction* current() const { return current_; }

 private:
  void tell(const std::string& text) const { job_.story->chat(stage_, text); }
  void tell_step(const Instruction& instruction);
  void tell_state() const;
  /// One step with all that is told of it.
  void run_step(const Instruction& instruction);
  void mark(const char* state) const;

  void step(const Instruction& instruction);
  void take_step(const Instruction& instruction);
  void step_from(const Stage& stage, std::size_t index);
  void run_triggers();
  void step_arg(const Instruction& instruction);
  void step_metadata(const Instruction& instruction);
  void step_workdir(const Instruction& instruction);
  void step_run(const Instruction& instruction);
  void step_copy(const Instruction& instruction);

  State base_image(const std::string& name, const std::string& platform);
  /// FROM a named context: its image, or its files in one layer.
  void begin_from_context(const std::string& name, const std::string& platform);
  /// What `--from` or `from=` names: a named context, a stage before this one, an image, or "scratch". Either of them.
  std::pair<std::optional<State>, ContextTreePtr> files_of(const std::string& from);
  std::vector<StepMount> mounts_of(const Instruction& instruction);
  MountSources mount_sources();
  /// Waits for a stage before this one.
  const BuiltStage& built(int stage);
  Lookup lookup() const;

  /// A step without files: from the cache, or written down as it is.
  void commit_metadata(const std::string& comment);
  /// Whether the cache knows what the step leads to; then `state_` is that. Waits for a stage that is at the same step.
  bool probe(const std::string& created_by, const std::string& more = "");
  void keep(const State& parent, const std::string& created_by, const std::string& more, std::uint64_t size);
  bool probe_images(const std::string& key, const std::string& created_by);
  /// For whoever takes over steps from the image.
  void note(const std::string& key);
  std::string nop(const std::string& comment) const;

  // COPY and ADD
  struct Copy;
  void find_origin(Copy&);
  template <class F>
  static auto fetching(const F& f);
  void fetch_source(Copy&);
  void fetch_repository(Copy&);
  static bool is_excluded(const Copy&, int root, const Source&);
  void write_heredoc(Copy&);
  void look_at(Copy&, int root);
  std::string destination_of(const Copy&) const;
  void copy_from(Copy&);

  Job& job_;
  Collaborators& with_;
  BuildCache& cache_;
  StepImages& step_images_;
  CacheMounts& cache_mounts_;
  SessionPtr session_;
  const BuildRequest& request_;
  registry::CancelPtr cancel_;
  const images::Progress progress_; ///< output of the step
  std::unique_ptr<Layers> own_layers_;
  Layers& layers_;
  const Context& context_;
  const char escape_;
  const Stages& stages_;
  Variables variables_;
  const std::size_t stage_;
  State state_, base_;
  std::vector<KeptStep> kept_steps_; ///< for an inline cache
  int step_ = 0, number_ = 0;        ///< of the build; of those that are counted in the stage
  const Instruction* current_ = nullptr;
  bool cached_ = false; ///< all of the step so far
  std::optional<InFlight::Claim> claim_;
  const std::optional<std::int64_t> epoch_; ///< SOURCE_DATE_EPOCH
};

/// "Step 1/3 : FROM x"
std::string step_title(int step, int steps, const Instruction& instruction);

} // namespace gantry::build
