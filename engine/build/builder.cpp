#include "build/builder.hpp"

#include "base/error.hpp"
#include "base/id.hpp"
#include "build/dockerfile/words.hpp"
#include "build/run.hpp"
#include "build/run_config.hpp"
#include "images/platform.hpp"
#include "images/reference.hpp"

namespace gantry::build {
namespace {

std::vector<std::string> full_names(const std::vector<std::string>& tags) {
  std::vector<std::string> names;
  for (const auto& tag : tags) {
    if (tag.empty()) continue;
    const auto name = images::parse_target_name(tag, "").full();
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

/// Docker refuses these with 500, clients show the text only.
std::vector<std::string> checked_names(const std::vector<std::string>& tags) {
  try {
    return full_names(tags);
  } catch (const Error& e) {
    throw internal(e.what());
  }
}

} // namespace

Builder::Builder(Collaborators& with, BuildCache& cache, StepImages& step_images, const BuildRequest& request,
                 const images::Progress& progress, registry::CancelPtr cancel)
    : with_(with),
      cache_(cache),
      step_images_(step_images),
      request_(request),
      progress_(progress),
      cancel_(std::move(cancel)),
      names_(checked_names(request.tags)),
      layers_(with.paths, with.storage, with.images.store()),
      variables_(request.args) {
  if (!request.platform.empty()) (void)images::parse_platform(request.platform);
}

void Builder::prepare(UniqueFd context) {
  context_ = request_.remote.empty() ? receive_context(context.get(), request_.dockerfile, layers_.scratch())
                                     : fetch_context(request_.remote, request_.dockerfile, layers_.scratch(), *cancel_);
  const Dockerfile file = parse_dockerfile(context_.dockerfile);
  escape_ = file.escape;
  warnings_ = file.warnings;
  stages_ = cut_stages(file, request_);
  steps_ = static_cast<int>(stages_.global_args.size());
  for (std::size_t i = 0; i < stages_.stages.size(); ++i)
    if (stages_.needed[i]) steps_ += 1 + static_cast<int>(stages_.stages[i].instructions.size());
  built_.resize(stages_.stages.size());
}

void Builder::run() {
  if (!warnings_.empty()) {
    std::string text = "\x1b[91m";
    for (const auto& warning : warnings_) text += warning + "\n";
    tell(text + "[WARNING]: Empty continuation lines will become errors in a future release.\n\x1b[0m");
  }
  for (const auto& instruction : stages_.global_args) {
    tell_step(instruction);
    for (const auto& word : instruction.words) {
      const std::size_t equals = word.find('=');
      const Lookup global = [&](const std::string& name) { return variables_.global(name); };
      std::optional<std::string> value;
      if (equals != word.npos) value = expand(word.substr(equals + 1), global, escape_);
      variables_.declare_global(word.substr(0, equals), std::move(value));
    }
  }
  for (std::size_t i = 0; i < stages_.stages.size(); ++i)
    if (stages_.needed[i]) build_stage(i);
  finish();
}

void Builder::tell_step(const Instruction& instruction) {
  cancel_->check();
  tell("Step " + std::to_string(++step_) + "/" + std::to_string(steps_) + " : " + instruction.original);
  tell("\n");
}

void Builder::tell_state() const { tell(" ---> " + short_id(state_.id) + "\n"); }

void Builder::build_stage(std::size_t index) {
  stage_ = index;
  const Stage& stage = stages_.stages[index];
  tell_step(stage.from);
  step_from(stage, index);
  tell_state();
  for (const auto& instruction : stage.instructions) {
    tell_step(instruction);
    step(instruction);
    tell_state();
  }
  if (!state_.id.empty()) {
    Json aux;
    aux["aux"]["ID"] = state_.id;
    progress_(aux);
  }
  built_[index] = BuiltStage{state_, variables_.declared()};
}

void Builder::step(const Instruction& instruction) {
  const std::string parent = state_.id;
  take_step(instruction);
  if (state_.id != parent) step_images_.publish(state_, parent);
}

void Builder::take_step(const Instruction& instruction) {
  const std::string& keyword = instruction.keyword;
  if (keyword == "RUN") return step_run(instruction);
  if (keyword == "COPY" || keyword == "ADD") return step_copy(instruction);
  if (keyword == "ARG") return step_arg(instruction);
  if (keyword == "WORKDIR") return step_workdir(instruction);
  step_metadata(instruction);
}

Lookup Builder::lookup() const {
  return [this](const std::string& name) { return variables_.value(name, state_.config.env); };
}

void Builder::step_metadata(const Instruction& instruction) {
  const State before = state_;
  const std::string comment = apply_metadata(state_, instruction, lookup(), escape_);
  const State changed = state_;
  state_ = before;
  const std::string created_by = nop("") + " " + comment;
  // SHELL speaks for itself with the shell that it sets.
  const std::string as = instruction.keyword == "SHELL" ? joined(shell_of(changed.config)) + " #(nop)  " + comment : created_by;
  if (probe(as)) {
    state_.cmd_set = changed.cmd_set;
    return;
  }
  state_ = changed;
  commit_metadata(as);
  keep(before, as, "", 0);
}

void Builder::step_arg(const Instruction& instruction) {
  std::string comment = "ARG";
  for (const auto& word : instruction.words) {
    const std::size_t equals = word.find('=');
    const std::string name = expand(word.substr(0, equals), lookup(), escape_);
    std::optional<std::string> value;
    if (equals != word.npos) value = expand(word.substr(equals + 1), lookup(), escape_);
    comment += " " + name + (value ? "=" + *value : "");
    variables_.declare(name, std::move(value));
  }
  const State before = state_;
  const std::string created_by = nop("") + " " + comment;
  if (probe(created_by)) return;
  commit_metadata(created_by);
  keep(before, created_by, "", 0);
}

std::string Builder::nop(const std::string& comment) const { return joined(shell_of(state_.config)) + " #(nop) " + comment; }

void Builder::commit_metadata(const std::string& created_by) {
  // The classic builder makes a container for every step. Ours are in name only: nothing runs in them.
  const std::string container = random_id();
  tell(" ---> Running in " + short_id(container) + "\n");
  commit_state(state_, {created_by, container}, {});
  if (request_.remove) tell("Removing intermediate container " + short_id(container) + "\n");
}

void Builder::finish() {
  const auto unused = variables_.unused();
  if (!unused.empty()) tell("[Warning] One or more build-args [" + joined(unused) + "] were not consumed\n");
  if (state_.id.empty()) throw invalid("No image was generated. Is your Dockerfile empty?");
  step_images_.publish(state_, "");
  tell("Successfully built " + short_id(state_.id) + "\n");
  for (const auto& name : names_) {
    const auto reference = images::parse_reference(name);
    with_.images.tag(state_.id, reference.familiar_name(), reference.tag);
    tell("Successfully tagged " + reference.familiar() + "\n");
  }
  if (request_.quiet) progress_({{"result", state_.id}});
}

} // namespace gantry::build
