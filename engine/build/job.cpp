#include "build/job.hpp"

#include <charconv>

#include "base/error.hpp"
#include "base/id.hpp"
#include "base/log.hpp"
#include "build/builder.hpp"
#include "build/dockerfile/position.hpp"
#include "build/dockerfile/words.hpp"
#include "build/pull.hpp"
#include "build/run_config.hpp"
#include "build/squash.hpp"
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

/// Seconds since 1970. The limit is where nanoseconds end.
std::optional<std::int64_t> epoch_of(const std::optional<std::string>& text) {
  if (!text || text->empty()) return {};
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (error != std::errc() || end != text->data() + text->size() || seconds < 0 || seconds > 9'000'000'000)
    throw invalid("invalid SOURCE_DATE_EPOCH: " + *text);
  return seconds;
}

/// As Go reads it.
bool is_true(const std::optional<std::string>& text) {
  return text && (*text == "1" || lower(*text) == "t" || lower(*text) == "true");
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

Job::Job(Shared shared, const BuildRequest& r, const images::Progress& progress, registry::CancelPtr client)
    : with(shared.with),
      cache(shared.cache),
      step_images(shared.step_images),
      cache_mounts(shared.cache_mounts),
      running_steps(shared.running_steps),
      tree_memory(shared.tree_memory),
      session(std::move(shared.session)),
      request(r),
      cancel(std::make_shared<registry::Cancel>()),
      contexts(r.contexts, session ? session->contexts() : std::map<std::string, LentContext>{}, with.paths, tree_memory,
               with.registries.outside()),
      variables(r.args, r.platform),
      epoch(epoch_of(variables.passed("SOURCE_DATE_EPOCH"))),
      inline_cache(is_true(variables.passed("BUILDKIT_INLINE_CACHE")) && !r.squash),
      in_flight(cancel),
      progress_(progress),
      ended_(*client, [own = cancel] { own->set(); }),
      names_(checked_names(r.tags)),
      layers_(with.paths, with.storage, with.images.store()) {}

void Job::prepare(UniqueFd tar) {
  context = request.remote.empty() ? receive_context(tar.get(), request.dockerfile, layers_.scratch(), tree_memory)
                                   : fetch_context(request.remote, request.dockerfile, layers_.scratch(), tree_memory,
                                                   with.registries.outside(), *cancel);
  const Dockerfile file = parse_dockerfile(context.dockerfile);
  escape = file.escape;
  warnings_ = file.warnings;
  if (request.check || !request.positions.empty() || !file.check.empty()) lint_ = lint_report(file);
  stages = cut_stages(file, request);
  steps = static_cast<int>(stages.global_args.size());
  for (std::size_t i = 0; i < stages.stages.size(); ++i) {
    first_step.push_back(steps + 1);
    if (stages.needed[i]) steps += 1 + static_cast<int>(stages.stages[i].instructions.size());
  }
  built.resize(stages.stages.size());
  last_steps_.resize(stages.stages.size());
}

LintReport Job::lint_report(const Dockerfile& file) const {
  const auto env_of_image = [this](const std::string& name) -> std::optional<std::vector<std::string>> {
    try {
      return state_of(with.images.store().config_bytes(with.images.resolve(name)->id)).config.env;
    } catch (const Error&) { // not here
      return {};
    }
  };
  return lint({context.dockerfile, file, context.ignore, request.args, env_of_image});
}

void Job::look(bool check) const {
  const bool modern = check || !request.positions.empty();
  if (modern && (check || !lint_.warnings.empty())) {
    const std::string& name = request.positions.empty() ? request.dockerfile : request.positions;
    Json all = Json::array();
    for (const auto& warning : lint_.warnings)
      all.push_back({{"rule", warning.rule},
                     {"description", warning.description()},
                     {"url", warning.url()},
                     {"detail", warning.detail},
                     {"line", warning.first_line},
                     {"excerpt", name + ":" + std::to_string(warning.first_line) + "\n" +
                                     show_excerpt(context.dockerfile, {warning.first_line, warning.last_line})}});
    progress_({{"lint", {{"warnings", std::move(all)}}}});
  }
  if (lint_.is_error && !check) throw invalid(lint_failure(lint_));
}

void Job::run() {
  warn();
  declare_globals();
  find_cache_images();
  story.emplace(progress_, request.steps ? Story::Form::steps : Story::Form::classic, stages.needed);
  runner.emplace(stages.needed, bases(), cancel);
  try {
    runner->run([this](std::size_t index) { build_stage(index); });
  } catch (...) {
    if (const auto stage = runner->failed()) story->fail(*stage);
    throw;
  }
  finish();
}

void Job::warn() const {
  if (warnings_.empty() || request.steps) return; // lint says it, too
  std::string text = "\x1b[91m";
  for (const auto& warning : warnings_) text += warning + "\n";
  progress_({{"stream", text + "[WARNING]: Empty continuation lines will become errors in a future release.\n\x1b[0m"}});
}

void Job::find_cache_images() {
  for (const auto& name : request.cache_from) {
    try {
      const auto image = find_or_pull(with, request, session, name, cancel);
      layers_.hold(image->diff_ids);
      cache_images.add(image);
    } catch (const Error& e) {
      if (e.code() == Code::cancelled) throw;
      // As with Docker nothing to fail for: it may be the first build of all.
      log::info("cache-from " + name + ": " + e.what());
      if (request.steps) progress_({{"stream", "[Warning] nothing is taken over from " + name + ": " + e.what() + "\n"}});
    }
  }
}

State Job::squashed(const BuiltStage& stage) {
  layers_.set_epoch(epoch);
  const auto layer = layers_.merge(stage.base, stage.state);
  return squash(stage.base, stage.state, layer, epoch);
}

void Job::declare_globals() {
  int step = 0;
  for (const auto& instruction : stages.global_args) {
    global_step_ = &instruction;
    cancel->check();
    if (!request.steps) {
      progress_({{"stream", step_title(++step, steps, instruction)}});
      progress_({{"stream", "\n"}});
    }
    for (const auto& word : instruction.words) {
      const std::size_t equals = word.find('=');
      const Lookup global = [&](const std::string& name) { return variables.global(name); };
      std::optional<std::string> value;
      if (equals != word.npos) value = expand(word.substr(equals + 1), global, escape);
      variables.declare_global(word.substr(0, equals), std::move(value));
    }
  }
  global_step_ = nullptr;
}

/// A stage whose FROM cannot be read has none, and says so itself.
std::vector<int> Job::bases() const {
  const Lookup global = [this](const std::string& name) { return variables.global(name); };
  std::vector<int> all;
  for (std::size_t i = 0; i < stages.stages.size(); ++i) {
    try {
      all.push_back(stages.find(expand(stages.stages[i].base, global, escape), i, false));
    } catch (const Error&) {
      all.push_back(-1);
    }
  }
  return all;
}

void Job::build_stage(std::size_t index) {
  Builder builder(*this, index);
  const auto leave = [&] {
    last_steps_[index] = builder.current();
    const std::lock_guard lock(guard_);
    kept_.push_back(builder.take_layers());
    mentioned_.insert(builder.mentioned().begin(), builder.mentioned().end());
  };
  try {
    built[index] = builder.run();
  } catch (...) {
    leave();
    throw;
  }
  leave();
  story->end(index);
}

const Instruction* Job::failed_step() const {
  if (runner && runner->failed()) return last_steps_[*runner->failed()];
  return global_step_;
}

void Job::finish() {
  variables.add_mentioned(mentioned_);
  const auto unused = variables.unused();
  const auto tell = [&](const std::string& text) { progress_({{"stream", text}}); };
  if (!unused.empty()) tell("[Warning] One or more build-args [" + joined(unused) + "] were not consumed\n");
  State state = built.back()->state;
  if (state.id.empty()) throw invalid("No image was generated. Is your Dockerfile empty?");
  if (request.squash)
    state = squashed(*built.back());
  else if (inline_cache)
    state = state_of(with_inline_cache(state.document, built.back()->steps));
  step_images.publish(state, "");
  if (request.steps) progress_({{"aux", {{"ID", state.id}}}});
  tell("Successfully built " + short_id(state.id) + "\n");
  for (const auto& name : names_) {
    const auto reference = images::parse_reference(name);
    with.images.tag(state.id, reference.familiar_name(), reference.tag);
    tell("Successfully tagged " + reference.familiar() + "\n");
  }
  if (request.quiet) progress_({{"result", state.id}});
}

} // namespace gantry::build
