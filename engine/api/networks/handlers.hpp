#pragma once

#include "api/http.hpp"
#include "api/services.hpp"

namespace gantry::api {

Task<void> get_networks(Services&, Request&, Reply&);
Task<void> get_network(Services&, Request&, Reply&);
Task<void> post_network_create(Services&, Request&, Reply&);
Task<void> post_network_connect(Services&, Request&, Reply&);
Task<void> post_network_disconnect(Services&, Request&, Reply&);
Task<void> post_network_prune(Services&, Request&, Reply&);
Task<void> post_network_update(Services&, Request&, Reply&);
Task<void> delete_network(Services&, Request&, Reply&);

} // namespace gantry::api
