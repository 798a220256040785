#include "api/containers/handlers.hpp"

namespace gantry::api {

/// Docker's words for a daemon that is not in its experimental mode, which this one never is.
Task<void> refuse_checkpoints(Services&, Request&, Reply&) {
  throw not_implemented(
      "This experimental feature is disabled by default. Start the Docker daemon in experimental mode in order to enable it.");
  co_return;
}

} // namespace gantry::api
