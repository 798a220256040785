#pragma once

#include <string>

#include "cli/json.hpp"

namespace gantry::cli {

/// What a user has for one registry.
struct RegistryLogin {
  std::string username, password, identity_token;
  bool empty() const { return username.empty() && password.empty() && identity_token.empty(); }
};

/// Docker's config.json: $DOCKER_CONFIG or ~/.docker. Logins are kept in it, or by the helper programs that it names. Members
/// that mean nothing here stay as they are. Throws Failure for a file that cannot be read or is no JSON, and when a helper fails.
class ConfigFile {
 public:
  /// Reads it; a missing file is an empty one.
  ConfigFile();

  const std::string& path() const { return path_; }
  /// `server` is the key in the file: "127.0.0.1:5000", or "https://index.docker.io/v1/" for Docker Hub.
  RegistryLogin login(const std::string& server) const;
  /// True when it went into the file itself, readable for whoever can read that.
  bool store(const std::string& server, const RegistryLogin& login);
  /// False when there was none.
  bool erase(const std::string& server);

 private:
  std::string helper(const std::string& server) const;
  void write() const;

  std::string path_;
  Json json_;
};

/// The key of a registry: of "docker.io" and what else means Docker Hub "https://index.docker.io/v1/".
std::string server_key(const std::string& registry);

} // namespace gantry::cli
