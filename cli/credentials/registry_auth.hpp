#pragma once

#include <string>

#include "cli/credentials/config_file.hpp"

namespace gantry::cli {

/// The body of POST /auth, and what X-Registry-Auth carries.
Json auth_config(const std::string& server, const RegistryLogin& login);
/// X-Registry-Auth for the registry of an image: base64url of the user's login there, of {} without one. Never fails: what is
/// wrong with the configuration is a warning, since the image may be public.
std::string registry_auth_header(const std::string& image);

} // namespace gantry::cli
