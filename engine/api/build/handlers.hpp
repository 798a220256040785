#pragma once

#include "api/router.hpp"
#include "api/services.hpp"

namespace gantry::api {

Task<void> post_build(Services&, Request&, Reply&);
Task<void> post_build_prune(Services&, Request&, Reply&);
Task<void> post_build_session(Services&, Request&, Reply&);
Task<void> post_build_session_context(Services&, Request&, Reply&);
Task<void> post_session(Services&, Request&, Reply&);
Task<void> post_grpc(Services&, Request&, Reply&);
Task<void> post_build_cancel(Services&, Request&, Reply&);

} // namespace gantry::api
