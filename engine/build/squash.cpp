#include "build/squash.hpp"

#include "base/time.hpp"

namespace gantry::build {
namespace {

std::size_t history_size(const State& state) {
  if (state.document.empty()) return 0;
  const Json document = Json::parse(state.document);
  const auto history = document.find("history");
  return history != document.end() && history->is_array() ? history->size() : 0;
}

} // namespace

State squash(const State& base, const State& built, const std::optional<NewLayer>& layer, std::optional<std::int64_t> epoch) {
  Json document = Json::parse(built.document);
  const std::string now = rfc3339_nano(epoch ? *epoch * 1'000'000'000 : now_ns());
  if (!document.contains("history") || !document["history"].is_array()) document["history"] = Json::array();
  Json& history = document["history"];
  for (std::size_t i = history_size(base); i < history.size(); ++i) history[i]["empty_layer"] = true;
  Json line = {{"created", now}};
  line["comment"] = base.id.empty() ? "create new from " + built.id : "merge " + built.id + " to " + base.id;
  auto diff_ids = base.diff_ids;
  if (layer)
    diff_ids.push_back(layer->diff_id);
  else
    line["empty_layer"] = true;
  history.push_back(std::move(line));
  document["created"] = now;
  document["rootfs"] = {{"type", "layers"}, {"diff_ids", diff_ids}};
  return state_of(document.dump(-1, ' ', false, Json::error_handler_t::replace));
}

} // namespace gantry::build
