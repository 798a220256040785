#include "base/error.hpp"
#include "base/failpoint.hpp"
#include "build/builder.hpp"
#include "build/dockerfile/check.hpp"
#include "build/dockerfile/words.hpp"
#include "build/run_config.hpp"
#include "images/reference.hpp"

namespace gantry::build {
namespace {

constexpr const char* default_path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

} // namespace

void Builder::step_from(const Stage& stage, std::size_t index) {
  const Lookup global = [this](const std::string& name) { return variables_.global(name); };
  const std::string name = expand(stage.base, global, escape_);
  if (trimmed(name).empty()) throw invalid("base name (" + stage.base + ") should not be blank");
  const std::string platform = expand(flag_value(stage.from, "platform"), global, escape_);
  variables_.begin_stage({});
  if (const int before = stages_.find(name, index, false); before >= 0) {
    const BuiltStage& built = *built_.at(static_cast<std::size_t>(before));
    state_ = built.state;
    state_.cmd_set = false;
    variables_.begin_stage(built.args);
  } else {
    state_ = name == "scratch" ? empty_state() : base_image(name, platform.empty() ? request_.platform : platform);
  }
  layers_.hold(state_.diff_ids);
  if (!env_value(state_.config.env, "PATH")) state_.config.env.emplace_back(default_path);
  if (!state_.config.on_build.empty()) run_triggers();
}

State Builder::base_image(const std::string& name, const std::string& platform) {
  const auto find = [&]() -> images::ImagePtr {
    try {
      return with_.images.resolve(name, platform);
    } catch (const Error& e) {
      if (e.code() != Code::not_found) throw;
      return nullptr;
    }
  };
  images::ImagePtr image = request_.pull && !images::is_hex_id(name) ? nullptr : find();
  if (!image) {
    pull(name, platform);
    // As in Docker an image that says to be for another platform is taken all the same, if it is what the registry has.
    image = find();
    if (!image) image = with_.images.resolve(name);
  }
  with_.images.store().touch(image->id);
  layers_.hold(image->diff_ids);
  return state_of(with_.images.store().config_bytes(image->id));
}

void Builder::pull(const std::string& name, const std::string& platform) {
  const auto reference = images::parse_reference(name);
  registry::Caller caller;
  for (const auto& [host, credentials] : request_.credentials)
    if (host == reference.domain || (reference.domain == "docker.io" && host.find("index.docker.io") != host.npos))
      caller.credentials = credentials;
  const std::string tag = reference.digest.empty() ? (reference.tag.empty() ? "latest" : reference.tag) : reference.digest;
  with_.registries.pull({reference.familiar_name(), tag, platform}, caller, progress_, cancel_);
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
