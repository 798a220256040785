#include "cli/credentials/registry_auth.hpp"

#include <cstdio>

#include "cli/commands/image/reference.hpp"
#include "cli/credentials/base64.hpp"
#include "cli/failure.hpp"

namespace gantry::cli {

Json auth_config(const std::string& server, const RegistryLogin& login) {
  Json json{{"username", login.username}, {"password", login.password}, {"serveraddress", server}};
  if (!login.identity_token.empty()) json["identitytoken"] = login.identity_token;
  return json;
}

std::string registry_auth_header(const std::string& image) {
  const std::string server = server_key(registry_of(image));
  RegistryLogin login;
  try {
    login = ConfigFile().login(server);
  } catch (const Failure& e) {
    std::fprintf(stderr, "WARNING: %s\n", e.what());
  }
  return base64_encode(login.empty() ? "{}" : auth_config(server, login).dump(), true);
}

} // namespace gantry::cli
