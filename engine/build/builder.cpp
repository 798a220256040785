#include "build/builder.hpp"

#include "base/error.hpp"
#include "base/id.hpp"
#include "build/dockerfile/words.hpp"
#include "build/run_config.hpp"

namespace gantry::build {
namespace {

/// Steps that make files; the others are over at once, and nobody wants to watch them.
bool is_counted(const Instruction& i) {
  return i.keyword == "FROM" || i.keyword == "RUN" || i.keyword == "COPY" || i.keyword == "ADD" || i.keyword == "WORKDIR";
}

int counted(const Stage& stage) {
  return 1 + static_cast<int>(std::count_if(stage.instructions.begin(), stage.instructions.end(), is_counted));
}

} // namespace

std::string step_title(int step, int steps, const Instruction& instruction) {
  return "Step " + std::to_string(step) + "/" + std::to_string(steps) + " : " + instruction.original;
}

Builder::Builder(Job& job, std::size_t stage)
    : job_(job),
      with_(job.with),
      cache_(job.cache),
      step_images_(job.step_images),
      cache_mounts_(job.cache_mounts),
      session_(job.session),
      request_(job.request),
      cancel_(job.cancel),
      progress_([this](const Json& message) { job_.story->tell(stage_, step_, message); }),
      own_layers_(std::make_unique<Layers>(with_.paths, with_.storage, with_.images.store())),
      layers_(*own_layers_),
      context_(job.context),
      escape_(job.escape),
      stages_(job.stages),
      variables_(job.variables),
      stage_(stage),
      step_(job.first_step[stage] - 1),
      epoch_(job.epoch) {
  layers_.set_epoch(epoch_);
}

BuiltStage Builder::run() {
  const Stage& stage = stages_.stages[stage_];
  run_step(stage.from);
  for (const auto& instruction : stage.instructions) run_step(instruction);
  if (!state_.id.empty() && !request_.steps) progress_({{"aux", {{"ID", state_.id}}}});
  return {state_, variables_.declared(), base_, kept_steps_};
}

void Builder::run_step(const Instruction& instruction) {
  current_ = &instruction;
  cached_ = instruction.keyword != "FROM";
  tell_step(instruction);
  try {
    if (instruction.keyword == "FROM")
      step_from(stages_.stages[stage_], stage_);
    else
      step(instruction);
  } catch (...) {
    mark(cancel_->is_set() ? "canceled" : "failed");
    throw;
  }
  tell_state();
  mark(cached_ ? "cached" : "done");
}

void Builder::tell_step(const Instruction& instruction) {
  cancel_->check();
  ++step_;
  if (is_counted(instruction)) ++number_;
  tell(step_title(step_, job_.steps, instruction));
  tell("\n");
  mark("started");
}

void Builder::mark(const char* state) const {
  const bool begins = std::string_view(state) == "started";
  if (!is_counted(*current_)) return;
  const Stage& stage = stages_.stages[stage_];
  StepMark mark{step_, state};
  if (begins) {
    mark.stage = stage.name.empty() && stages_.stages.size() > 1 ? "stage-" + std::to_string(stage_) : stage.name;
    mark.text = current_->original;
    mark.number = number_;
    mark.of = counted(stage);
  }
  job_.story->mark(mark);
}

void Builder::tell_state() const { tell(" ---> " + short_id(state_.id) + "\n"); }

void Builder::step(const Instruction& instruction) {
  claim_.reset();
  const std::string parent = state_.id;
  take_step(instruction);
  if (state_.id != parent) step_images_.publish(state_, parent);
  claim_.reset();
}

void Builder::take_step(const Instruction& instruction) {
  const std::string& keyword = instruction.keyword;
  if (keyword == "RUN") return step_run(instruction);
  if (keyword == "COPY" || keyword == "ADD") return step_copy(instruction);
  if (keyword == "ARG") return step_arg(instruction);
  if (keyword == "WORKDIR") return step_workdir(instruction);
  step_metadata(instruction);
}

const BuiltStage& Builder::built(int stage) {
  const auto index = static_cast<std::size_t>(stage);
  job_.runner->wait(stage_, index);
  return *job_.built.at(index);
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
  commit_state(state_, {created_by, container, epoch_}, {});
  if (request_.remove) tell(" ---> Removed intermediate container " + short_id(container) + "\n");
}

} // namespace gantry::build
