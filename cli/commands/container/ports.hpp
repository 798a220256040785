#pragma once

#include <string>
#include <vector>

#include "cli/json.hpp"

namespace gantry::cli {

/// The API's ExposedPorts and PortBindings.
struct Ports {
  Json exposed = Json::object(), bindings = Json::object();
};

/// `publish`: "[[ip:]host[-host]:]container[-container][/protocol]" or "target=80,published=8080,protocol=tcp"; `expose`:
/// "80-81/udp". Throws Failure.
Ports parse_ports(const std::vector<std::string>& publish, const std::vector<std::string>& expose);

} // namespace gantry::cli
