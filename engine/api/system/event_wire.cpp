#include "api/system/event_wire.hpp"

namespace gantry::api {

namespace {

/// Versions before this one have the fields of the time when only containers and images had events.
constexpr ApiVersion without_old_fields{1, 52};

void add_old_fields(Json& json, const gantry::events::Event& event) {
  json["status"] = event.action;
  if (!event.actor_id.empty()) json["id"] = event.actor_id;
  const auto image = event.attributes.find("image");
  if (event.type == "container" && image != event.attributes.end()) json["from"] = image->second;
}

} // namespace

Json event_json(const gantry::events::Event& event, ApiVersion version) {
  Json json;
  if (version < without_old_fields && (event.type == "container" || event.type == "image")) add_old_fields(json, event);
  json["Type"] = event.type;
  json["Action"] = event.action;
  json["Actor"]["ID"] = event.actor_id;
  json["Actor"]["Attributes"] = event.attributes;
  json["scope"] = "local";
  json["time"] = event.time_ns / 1'000'000'000;
  json["timeNano"] = event.time_ns;
  return json;
}

} // namespace gantry::api
