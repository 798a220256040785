#include <algorithm>
#include <array>

#include "api/networks/handlers.hpp"
#include "api/networks/wire.hpp"

namespace gantry::api {

namespace {

/// There is nothing more to tell, but what is no boolean is told.
void check_verbose(const std::string& text) {
  constexpr std::array words{"", "1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"};
  if (std::find(words.begin(), words.end(), text) == words.end())
    throw invalid("invalid value for verbose: " + text + ": strconv.ParseBool: parsing \"" + text + "\": invalid syntax");
}

} // namespace

Task<void> get_network(Services& services, Request& request, Reply& reply) {
  check_verbose(request.query.get("verbose"));
  const std::string& scope = request.query.get("scope");
  const auto network = services.networks.find(request.param("id"));
  if (!scope.empty() && scope != "local") throw not_found("network " + request.param("id") + " not found");
  const auto members = services.networks.members(network->id);
  reply.json(200, network_json(*network, &members));
  co_return;
}

} // namespace gantry::api
