#include <algorithm>

#include "api/containers/handlers.hpp"
#include "containers/model_json.hpp"

namespace gantry::api {

namespace {

/// Variables that the client does not name stay the container's.
Json merged_env(const Json& wanted, const Json& own) {
  Json env = wanted;
  const auto name_of = [](const Json& variable) {
    const auto text = variable.get<std::string>();
    return text.substr(0, text.find('='));
  };
  for (const auto& variable : own) {
    const auto same = [&](const Json& other) { return other.is_string() && name_of(other) == name_of(variable); };
    if (std::none_of(wanted.begin(), wanted.end(), same)) env.push_back(variable);
  }
  return env;
}

Json merged_map(const Json& wanted, const Json& own) {
  Json map = own.is_object() ? own : Json::object();
  for (const auto& [key, value] : wanted.items()) map[key] = value;
  return map;
}

bool says_something(const Json& value) {
  return !value.is_null() && value != "" && value != false && !(value.is_structured() && value.empty());
}

/// Clients send an empty configuration and mean the container's; what they set in it goes on top, lists and maps of names one
/// name at a time, as in Docker. Of the wrong type, a member is told by whoever reads the result.
Json merged_config(const Json& wanted, const Json& own) {
  Json merged = own;
  if (says_something(wanted.value("Entrypoint", Json()))) merged["Cmd"] = nullptr;
  for (const auto& [key, value] : wanted.items()) {
    if (!says_something(value)) continue;
    const Json before = merged.value(key, Json());
    const bool map = key == "Labels" || key == "ExposedPorts" || key == "Volumes";
    if (key == "Env" && value.is_array() && before.is_array())
      merged[key] = merged_env(value, before);
    else
      merged[key] = map && value.is_object() ? merged_map(value, before) : value;
  }
  return merged;
}

} // namespace

Task<void> post_commit(Services& services, Request& request, Reply& reply) {
  const Query& query = request.query;
  if (query.get("container").empty()) throw invalid("invalid name or ID supplied: \"\"");
  gantry::containers::CommitRequest commit;
  commit.repo = query.get("repo");
  commit.tag = query.get("tag");
  commit.author = query.get("author");
  commit.comment = query.get("comment");
  commit.pause = query.flag("pause", true);
  for (const auto& change : query.all("changes")) {
    if (!change.empty()) commit.changes.push_back(change);
  }
  const Json body = request.json();
  if (body.is_object() && !body.empty()) {
    const Json own = gantry::containers::to_json(services.containers.find(query.get("container"))->config);
    commit.config = gantry::containers::config_from_json(merged_config(body, own));
  }
  const std::string id = co_await services.containers.commit(query.get("container"), std::move(commit));
  Json result;
  result["Id"] = id;
  reply.json(201, result);
}

} // namespace gantry::api
