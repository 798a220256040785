#pragma once

#include <string>
#include <string_view>

#include "base/json.hpp"

namespace gantry::registry {

/// What a client says about itself to a registry. Never logged, never stored.
struct Credentials {
  std::string username, password;
  std::string identity_token; ///< for the token server: an OAuth2 refresh token
  std::string registry_token; ///< sent to the registry as it is
  std::string server_address;

  bool empty() const { return username.empty() && password.empty() && identity_token.empty() && registry_token.empty(); }
};

/// Members of Docker's AuthConfig; "auth" is base64 of "user:password". Members of a wrong type are invalid.
Credentials credentials_of(const Json& auth_config);
/// Of an X-Registry-Auth header: base64url (or base64) of an AuthConfig. Nothing, or what cannot be decoded, is anonymous.
Credentials credentials_of_header(std::string_view header);

/// RFC 4648; both alphabets, padding or not. False for anything else.
bool base64_decode(std::string_view text, std::string& bytes);
std::string base64_encode(std::string_view bytes);

} // namespace gantry::registry
