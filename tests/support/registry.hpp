#pragma once

#include <memory>
#include <string>

#include "support/command.hpp"

namespace gantry::test {

/// Empty when Debian's docker-registry is there, else the reason to skip.
std::string need_registry();

/// A real docker-registry on all addresses of the network namespace, with a directory of its own.
class RegistryProcess {
 public:
  enum class Auth { none, basic };
  enum class Tls { no, yes };

  /// With basic auth the user is "user", the password "secret".
  explicit RegistryProcess(Auth auth = Auth::none, Tls tls = Tls::no);
  ~RegistryProcess();
  RegistryProcess(const RegistryProcess&) = delete;
  RegistryProcess& operator=(const RegistryProcess&) = delete;

  int port() const { return port_; }
  /// As references name it.
  std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
  /// An address that is no loopback address; a test that uses it adds it to the lo of its network namespace.
  static constexpr const char* away = "10.77.0.1";
  std::string away_host() const { return std::string(away) + ":" + std::to_string(port_); }
  /// The certificate that it shows, PEM; only with TLS. It is for both addresses.
  std::string certificate() const { return dir_ + "/cert.pem"; }
  const std::string& dir() const { return dir_; }
  /// Puts a docker-archive there with skopeo, as "host/NAME:TAG".
  void put_archive(const std::string& archive, const std::string& name_and_tag) const;
  /// The bytes of what lies under "/v2/PATH", fetched with curl.
  std::string get(const std::string& path, const std::string& accept = "") const;
  void put_manifest(const std::string& path, const std::string& media_type, const std::string& body) const;

 private:
  std::string dir_, scheme_, user_;
  int port_;
  std::unique_ptr<Command> process_;
};

} // namespace gantry::test
