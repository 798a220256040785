#pragma once

#include <optional>
#include <string>
#include <vector>

#include "build/build_service.hpp"
#include "build/cache.hpp"
#include "build/context/context.hpp"
#include "build/copy/sources.hpp"
#include "build/layers.hpp"
#include "build/stages.hpp"
#include "build/step_images.hpp"
#include "build/variables.hpp"

namespace gantry::build {

/// What a finished stage leaves to the ones behind it.
struct BuiltStage {
  State state;
  Args args;
};

/// One build, on one thread: goes through the stages and tells the classic builder's story. Steps are in the files of their
/// instructions (step_*.cpp).
class Builder {
 public:
  Builder(Collaborators&, BuildCache&, StepImages&, const BuildRequest&, const images::Progress&, registry::CancelPtr);

  /// Receives the context and checks the Dockerfile; throws what is wrong with the request.
  void prepare(UniqueFd context);
  /// Runs every step and names the image. Throws the first failure.
  void run();

 private:
  void tell(const std::string& text) const { progress_({{"stream", text}}); }
  void tell_step(const Instruction& instruction);
  void tell_state() const;

  void build_stage(std::size_t index);
  void step(const Instruction& instruction);
  void take_step(const Instruction& instruction);
  void step_from(const Stage& stage, std::size_t index);
  void run_triggers();
  void step_arg(const Instruction& instruction);
  void step_metadata(const Instruction& instruction);
  void step_workdir(const Instruction& instruction);
  void step_run(const Instruction& instruction);
  void step_copy(const Instruction& instruction);
  void finish();

  State base_image(const std::string& name, const std::string& platform);
  void pull(const std::string& name, const std::string& platform);
  Lookup lookup() const;

  /// A step without files: from the cache, or written down as it is.
  void commit_metadata(const std::string& comment);
  /// Whether the cache knows what the step leads to; then `state_` is that.
  bool probe(const std::string& created_by, const std::string& more = "");
  void keep(const State& parent, const std::string& created_by, const std::string& more, std::uint64_t size);
  bool probe_images(const std::string& created_by);
  std::string nop(const std::string& comment) const;

  // COPY and ADD
  struct Copy;
  void find_origin(Copy&);
  void fetch_source(Copy&);
  void write_heredoc(Copy&);
  void look_at(Copy&, int root);
  std::string destination_of(const Copy&) const;
  void copy_from(Copy&);

  Collaborators& with_;
  BuildCache& cache_;
  StepImages& step_images_;
  const BuildRequest& request_;
  const images::Progress& progress_;
  registry::CancelPtr cancel_;
  std::vector<std::string> names_; ///< full
  Layers layers_;
  Context context_;
  char escape_ = '\\';
  std::vector<std::string> warnings_;
  Stages stages_;
  Variables variables_;
  std::vector<std::optional<BuiltStage>> built_;
  std::size_t stage_ = 0; ///< that is being built
  State state_;
  int step_ = 0, steps_ = 0;
};

} // namespace gantry::build
