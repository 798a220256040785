#include <fcntl.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/id.hpp"
#include "base/log.hpp"
#include "build/builder.hpp"
#include "build/dockerfile/words.hpp"
#include "build/entitlements.hpp"
#include "build/run.hpp"
#include "build/run_config.hpp"

namespace gantry::build {
namespace {

/// The shell finds the documents of a command behind it, as in a script.
std::string with_heredocs(const Instruction& instruction) {
  std::string script = instruction.rest;
  for (const auto& heredoc : instruction.heredocs) script += "\n" + heredoc.content + heredoc.name;
  return script;
}

/// "RUN <<EOF" and nothing else.
bool is_script(const Instruction& instruction, char escape) {
  return instruction.heredocs.size() == 1 && quoted_words(instruction.rest, escape).size() == 1;
}

} // namespace

void Builder::step_run(const Instruction& instruction) {
  const RunRights rights = rights_of(instruction, request_, with_.cdi_spec_dirs);
  RunStep step;
  step.network_mode = rights.network_mode;
  step.privileged = rights.privileged;
  step.devices = rights.devices;
  const auto mounts = mounts_of(instruction);
  std::string more = rights_key(rights) + mounts_key(mounts, context_.root.get());
  step.command = instruction.words;
  if (!instruction.json) {
    step.command = shell_of(state_.config);
    const bool script = is_script(instruction, escape_);
    if (script && instruction.heredocs.front().content.starts_with("#!")) {
      const std::string path = layers_.scratch().new_path();
      write_file_atomic(path, instruction.heredocs.front().content, 0755);
      step.binds = {path + ":/dev/pipes/" + instruction.heredocs.front().name + ":ro"};
      step.command = {"/dev/pipes/" + instruction.heredocs.front().name};
      more += instruction.heredocs.front().content;
    } else if (script) {
      step.command.push_back(instruction.heredocs.front().content);
    } else if (!instruction.heredocs.empty()) {
      step.command.push_back(with_heredocs(instruction));
    } else if (!instruction.rest.empty()) {
      step.command.push_back(instruction.rest);
    }
  }
  const auto args = variables_.for_run(state_.config.env, true);
  std::string created_by = joined(step.command);
  if (!args.empty()) created_by = "|" + std::to_string(args.size()) + " " + joined(args) + " " + created_by;
  if (probe(created_by, more)) return;

  PreparedMounts prepared = prepare_mounts(mounts, mount_sources());
  step.env = state_.config.env;
  for (const auto& arg : variables_.for_run(state_.config.env, false)) step.env.push_back(arg);
  for (const auto& line : prepared.env)
    if (!env_value(step.env, line.substr(0, line.find('=')))) step.env.push_back(line);
  step.entrypoint = prepared.entrypoint;
  step.tmpfs = prepared.tmpfs;
  step.binds.insert(step.binds.end(), prepared.binds.begin(), prepared.binds.end());
  const State before = state_;
  State image = state_;
  // Nothing that a container could be made of yet.
  if (image.document.empty()) commit_state(image, {"", "", epoch_}, {});
  StepImages::Use use(step_images_, image);
  RunContainer container(with_, job_.running_steps, request_, state_, image.id, step);
  tell(" ---> Running in " + short_id(container.id()) + "\n");
  std::optional<NewLayer> layer;
  try {
    container.run(progress_, *cancel_);
    const auto touched = layers_.drop_mount_points(state_, container.id(), prepared.targets);
    layer = layers_.take(state_, container.id(), touched);
  } catch (const Error& e) {
    if (request_.force_remove && e.code() != Code::cancelled) {
      tell(" ---> Removed intermediate container " + short_id(container.id()) + "\n");
      container.remove();
    } else if (e.code() != Code::cancelled) {
      use.keep();
    }
    throw;
  }
  commit_state(state_, {created_by, container.id(), epoch_}, layer);
  // Its files are the layer now: a container that is kept would be an empty shell.
  container.remove();
  if (request_.remove) tell(" ---> Removed intermediate container " + short_id(container.id()) + "\n");
  keep(before, created_by, more, layer ? layer->size : 0);
}

} // namespace gantry::build
