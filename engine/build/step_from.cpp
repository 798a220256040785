#include "base/error.hpp"
#include "base/failpoint.hpp"
#include "base/id.hpp"
#include "build/builder.hpp"
#include "build/copy/place.hpp"
#include "build/dockerfile/check.hpp"
#include "build/dockerfile/words.hpp"
#include "build/pull.hpp"
#include "build/run_config.hpp"
#include "images/platform.hpp"
#include "images/reference.hpp"

namespace gantry::build {
namespace {

/// As the base wants it, else as the client does; empty: whatever there is.
std::string platform_of(const Instruction& from, const Lookup& global, char escape, const std::string& clients) {
  if (!has_flag(from, "platform")) return clients;
  const std::string text = expand(flag_value(from, "platform"), global, escape);
  try {
    if (text.empty())
      throw invalid(
          "\"\" is an invalid component of \"\": platform specifier component must match \"^[A-Za-z0-9_-]+$\": invalid argument");
    return images::parse_platform(text).text();
  } catch (const Error& e) {
    throw invalid("failed to parse platform " + text + ": " + e.what());
  }
}

/// Imported images do not always say what they are for.
bool is_for(const images::Image& image, const std::string& platform) {
  const images::Platform actual = images::platform_of(image.config);
  if (platform.empty() || actual.os.empty() || actual.architecture.empty()) return true;
  return images::runs_on(actual, images::parse_platform(platform));
}

constexpr const char* default_path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

} // namespace

void Builder::step_from(const Stage& stage, std::size_t index) {
  const Lookup global = [this](const std::string& name) { return variables_.global(name); };
  const std::string name = expand(stage.base, global, escape_);
  if (trimmed(name).empty()) throw invalid("base name (" + stage.base + ") should not be blank");
  const std::string platform = platform_of(stage.from, global, escape_, request_.platform);
  variables_.begin_stage({});
  if (job_.contexts.has(name)) {
    begin_from_context(name, platform);
  } else if (const int before = stages_.find(name, index, false); before >= 0) {
    const BuiltStage& base = built(before);
    state_ = base.state;
    state_.cmd_set = false;
    variables_.begin_stage(base.args);
    kept_steps_ = base.steps;
  } else {
    state_ = name == "scratch" ? empty_state(platform) : base_image(name, platform);
  }
  layers_.hold(state_.diff_ids);
  base_ = state_;
  if (!env_value(state_.config.env, "PATH")) state_.config.env.emplace_back(default_path);
  if (!state_.config.on_build.empty()) run_triggers();
}

void Builder::begin_from_context(const std::string& name, const std::string& platform) {
  if (const std::string image = job_.contexts.image(name); !image.empty()) {
    state_ = base_image(image, platform);
    return;
  }
  const ContextTreePtr tree = job_.contexts.tree(name, *cancel_);
  const Source all{"", "", true};
  state_ = empty_state(platform);
  const State before = state_;
  const std::string created_by = nop("COPY " + source_hash(tree->root.get(), all) + " in / ");
  if (!probe(created_by)) {
    Placing placing;
    placing.destination = "/";
    const auto layer = layers_.change(state_, nullptr, [&](int to, int) { place(tree->root.get(), to, {all}, placing); });
    commit_state(state_, {created_by, random_id(), epoch_}, layer);
    keep(before, created_by, "", layer ? layer->size : 0);
  }
  step_images_.publish(state_, "");
  claim_.reset();
}

State Builder::base_image(const std::string& name, const std::string& platform) {
  const auto look_up = [&](const std::string& wanted) -> images::ImagePtr {
    try {
      return with_.images.resolve(name, wanted);
    } catch (const Error& e) {
      if (e.code() != Code::not_found) throw;
      return nullptr;
    }
  };
  const auto find = [&] {
    const images::ImagePtr exact = look_up(platform);
    return exact ? exact : look_up("");
  };
  const InFlight::Claim one_at_a_time(job_.in_flight, "pull " + name + " " + platform);
  images::ImagePtr image = request_.pull && !images::is_hex_id(name) ? nullptr : find();
  if (image && !is_for(*image, platform) && !images::is_hex_id(name)) image = nullptr;
  if (!image) {
    pull_image(with_, request_, session_, name, platform, progress_, cancel_);
    // As in Docker an image that says to be for another platform is taken all the same, if it is what the registry has.
    image = find();
    if (!image) image = with_.images.resolve(name); // for its error
  }
  with_.images.store().touch(image->id);
  layers_.hold(image->diff_ids);
  return state_of(with_.images.store().config_bytes(image->id));
}

void Builder::run_triggers() {
  const auto triggers = std::exchange(state_.config.on_build, {});
  tell("# Executing " + std::to_string(triggers.size()) + " build trigger");
  if (triggers.size() > 1) tell("s");
  tell("\n");
  for (const auto& line : triggers) {
    const Instruction instruction = parse_instruction(line, escape_);
    check_instruction(instruction);
    if (instruction.keyword == "ONBUILD" || instruction.keyword == "FROM" || instruction.keyword == "MAINTAINER")
      throw invalid(instruction.keyword + " isn't allowed as an ONBUILD trigger");
    cancel_->check();
    step(instruction);
  }
}

} // namespace gantry::build
