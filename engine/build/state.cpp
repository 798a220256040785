#include "build/state.hpp"

#include "base/time.hpp"
#include "build/inline_cache.hpp"
#include "containers/model_json.hpp"
#include "images/digest.hpp"
#include "images/image_config.hpp"
#include "images/platform.hpp"

namespace gantry::build {
namespace {

Json run_config(const containers::Config& config, const std::string& parent) {
  Json json = containers::to_json(config);
  json["Hostname"] = json["Domainname"] = "";
  json["Image"] = parent;
  if (config.labels.empty()) json["Labels"] = nullptr;
  return json;
}

} // namespace

std::string State::top_layer() const { return diff_ids.empty() ? "" : images::chain_ids(diff_ids).back(); }

State state_of(const std::string& document) {
  auto parsed = images::parse_image_config(document);
  State state;
  state.id = images::sha256_of(document);
  state.document = document;
  if (const auto config = parsed.document.find("config"); config != parsed.document.end() && !config->is_null())
    state.config = containers::config_from_json(*config);
  state.author = parsed.document.value("author", "");
  state.diff_ids = std::move(parsed.diff_ids);
  return state;
}

State empty_state(const std::string& platform) {
  State state;
  state.platform = platform;
  return state;
}

void commit_state(State& state, const StepRecord& record, const std::optional<NewLayer>& layer) {
  Json document = state.document.empty() ? Json::object() : Json::parse(state.document);
  const std::string now = rfc3339_nano(record.epoch ? *record.epoch * 1'000'000'000 : now_ns());
  if (state.document.empty()) {
    const auto platform = images::parse_platform(state.platform);
    document = {{"architecture", platform.architecture}, {"os", platform.os}};
    if (!platform.variant.empty()) document["variant"] = platform.variant;
  }
  document["config"] = run_config(state.config, state.id);
  if (record.epoch)
    document.erase("container");
  else
    document["container"] = record.container;
  document["created"] = now;
  document.erase("comment");
  drop_inline_cache(document); // of the base: its steps are not this image's
  if (!state.author.empty()) document["author"] = state.author;
  if (!document.contains("history") || !document["history"].is_array()) document["history"] = Json::array();
  Json line = {{"created", now}};
  if (!state.author.empty()) line["author"] = state.author;
  line["created_by"] = record.created_by;
  if (layer) {
    state.diff_ids.push_back(layer->diff_id);
  } else {
    line["empty_layer"] = true;
  }
  document["history"].push_back(std::move(line));
  document["rootfs"] = {{"type", "layers"}, {"diff_ids", state.diff_ids}};
  state.document = document.dump(-1, ' ', false, Json::error_handler_t::replace);
  state.id = images::sha256_of(state.document);
}

} // namespace gantry::build
