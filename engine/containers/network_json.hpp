#pragma once

#include <string>

#include "base/json.hpp"
#include "containers/json_reader.hpp"
#include "networks/endpoint.hpp"

namespace gantry::containers {

/// What the user may say about an endpoint: the API's EndpointSettings. Strict about types, as every JSON of a request.
networks::EndpointSettings endpoint_settings_from(const JsonReader&);

/// A container's networks and published ports, for state.db.
Json to_json(const std::vector<networks::Attachment>&);
Json to_json(const std::vector<networks::PublishedPort>&);
std::vector<networks::Attachment> attachments_from(const JsonReader&, const char* key);
std::vector<networks::PublishedPort> published_ports_from(const JsonReader&, const char* key);

} // namespace gantry::containers
