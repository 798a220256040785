#include "api/json_members.hpp"
#include "api/system/handlers.hpp"

namespace gantry::api {

/// There is no registry client yet, so that no credentials can be checked.
Task<void> post_auth(Services&, Request& request, Reply&) {
  require_object(request.json());
  throw not_implemented("logging in to a registry is not supported yet");
  co_return;
}

} // namespace gantry::api
