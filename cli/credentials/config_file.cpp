#include "cli/credentials/config_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "cli/credentials/base64.hpp"
#include "cli/credentials/helper.hpp"
#include "cli/failure.hpp"
#include "gantry/sdk/fd.hpp"

namespace gantry::cli {
namespace {

constexpr const char* hub = "https://index.docker.io/v1/";

std::string directory() {
  for (const char* name : {"GANTRY_CONFIG", "DOCKER_CONFIG"})
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return value;
  const char* home = std::getenv("HOME");
  return std::string(home != nullptr && *home != '\0' ? home : "/root") + "/.docker";
}

/// "https://host/v1/" → "host".
std::string host_of(std::string key) {
  for (const std::string scheme : {"https://", "http://"})
    if (key.starts_with(scheme)) key = key.substr(scheme.size());
  return key.substr(0, key.find('/'));
}

std::string text_of(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

RegistryLogin login_of(const Json& entry) {
  RegistryLogin login{text_of(entry, "username"), text_of(entry, "password"), text_of(entry, "identitytoken")};
  std::string both;
  if (base64_decode(text_of(entry, "auth"), both) && !both.empty()) {
    const auto colon = both.find(':');
    if (colon == std::string::npos) throw Failure("invalid auth configuration file");
    login.username = both.substr(0, colon);
    login.password = both.substr(colon + 1);
    while (!login.password.empty() && login.password.back() == '\0') login.password.pop_back();
  }
  return login;
}

/// The key under which the file knows a server: the same text, or another spelling of the same host.
std::string known_key(const Json& auths, const std::string& server) {
  if (!auths.is_object()) return {};
  if (auths.contains(server)) return server;
  for (const auto& [key, entry] : auths.items())
    if (host_of(key) == host_of(server)) return key;
  return {};
}

Failure cannot(const std::string& what, const std::string& path) {
  return Failure("cannot " + what + " " + path + ": " + std::strerror(errno));
}

} // namespace

std::string server_key(const std::string& registry) {
  const std::string host = host_of(registry);
  return host.empty() || host == "docker.io" || host == "index.docker.io" || host == "registry-1.docker.io" ? hub : registry;
}

ConfigFile::ConfigFile() : path_(directory() + "/config.json"), json_(Json::object()) {
  std::ifstream in(path_, std::ios::binary);
  if (!in) return;
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (text.find_first_not_of(" \n\r\t") == std::string::npos) return;
  json_ = Json::parse(text, nullptr, false);
  if (!json_.is_object()) throw Failure("loading config file: " + path_ + ": no JSON object");
}

std::string ConfigFile::helper(const std::string& server) const {
  if (const auto helpers = json_.find("credHelpers"); helpers != json_.end() && helpers->is_object())
    if (auto name = text_of(*helpers, host_of(server).c_str()); !name.empty()) return name;
  return text_of(json_, "credsStore");
}

RegistryLogin ConfigFile::login(const std::string& server) const {
  if (const auto name = helper(server); !name.empty()) return CredentialHelper(name).get(server);
  const auto auths = json_.find("auths");
  if (auths == json_.end()) return {};
  const auto key = known_key(*auths, server);
  return key.empty() || !(*auths)[key].is_object() ? RegistryLogin{} : login_of((*auths)[key]);
}

bool ConfigFile::store(const std::string& server, const RegistryLogin& login) {
  const auto name = helper(server);
  Json entry = Json::object();
  if (!name.empty()) {
    CredentialHelper(name).store(server, login);
  } else {
    entry["auth"] = base64_encode(login.username + ":" + (login.identity_token.empty() ? login.password : ""));
    if (!login.identity_token.empty()) entry["identitytoken"] = login.identity_token;
  }
  if (!json_.contains("auths") || !json_["auths"].is_object()) json_["auths"] = Json::object();
  json_["auths"][server] = entry; // empty with a helper: the name tells that there is a login
  write();
  return name.empty();
}

bool ConfigFile::erase(const std::string& server) {
  const auto name = helper(server);
  bool found = false;
  if (!name.empty()) found = CredentialHelper(name).erase(server);
  if (const auto auths = json_.find("auths"); auths != json_.end()) {
    if (const auto key = known_key(*auths, server); !key.empty()) {
      auths->erase(key);
      write();
      found = true;
    }
  }
  return found;
}

/// In one step, for the owner only. A link stays a link: people keep this file in repositories.
void ConfigFile::write() const {
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), ignored);
  const auto resolved = std::filesystem::weakly_canonical(path_, ignored);
  const std::string target = resolved.empty() ? path_ : resolved.string();
  std::string temporary = target + ".XXXXXX";
  const UniqueFd fd(::mkstemp(temporary.data()));
  if (!fd) throw cannot("write", target);
  const std::string text = json_.dump(1, '\t');
  struct stat old {};
  const mode_t mode = ::stat(target.c_str(), &old) == 0 ? old.st_mode & 0777 : 0600;
  const bool written = ::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (!written || ::fchmod(fd.get(), mode) != 0 || ::rename(temporary.c_str(), target.c_str()) != 0) {
    const auto failure = cannot("write", target);
    ::unlink(temporary.c_str());
    throw failure;
  }
}

} // namespace gantry::cli
