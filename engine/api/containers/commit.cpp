#include "api/containers/handlers.hpp"
#include "containers/model_json.hpp"

namespace gantry::api {

Task<void> post_commit(Services& services, Request& request, Reply& reply) {
  const Query& query = request.query;
  if (query.get("container").empty()) throw invalid("bad parameter: container cannot be empty");
  gantry::containers::CommitRequest commit;
  commit.repo = query.get("repo");
  commit.tag = query.get("tag");
  commit.author = query.get("author");
  commit.comment = query.get("comment");
  commit.pause = query.flag("pause", true);
  for (const auto& change : query.all("changes")) {
    if (!change.empty()) commit.changes.push_back(change);
  }
  // Clients send an empty configuration and mean the container's; what they set in it goes on top.
  const Json body = request.json();
  if (body.is_object() && !body.empty()) {
    Json merged = gantry::containers::to_json(services.containers.find(query.get("container"))->config);
    for (const auto& item : body.items()) {
      const bool said = !item.value().is_null() && item.value() != "" && item.value() != false &&
                        !(item.value().is_structured() && item.value().empty());
      if (said) merged[item.key()] = item.value();
    }
    commit.config = gantry::containers::config_from_json(merged);
  }
  const std::string id = co_await services.containers.commit(query.get("container"), std::move(commit));
  Json result;
  result["Id"] = id;
  reply.json(201, result);
}

} // namespace gantry::api
