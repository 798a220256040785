#pragma once

#include "api/http.hpp"
#include "build/request.hpp"

namespace gantry::api {

/// The query and headers of POST /build; `experimental`: the daemon announces that it is. invalid with Docker's texts.
gantry::build::BuildRequest build_request(const Request&, bool experimental);

} // namespace gantry::api
