#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "registry/challenge.hpp"
#include "registry/credentials.hpp"
#include "registry/endpoint.hpp"
#include "registry/transfer.hpp"

namespace gantry::registry {

/// Gets through a registry's authentication: Basic, or a Bearer token of the server that the registry names. One endpoint, one
/// set of credentials; thread-safe.
class Authorizer {
 public:
  Authorizer(std::shared_ptr<Transfers>, Endpoint, Settings, Credentials);

  /// Rights that tokens are asked for: "repository:library/busybox:pull". A new one makes the token that is held too small.
  void add_scope(const std::string& scope);
  /// For an "Authorization" header, empty while nothing is known.
  std::string header() const;
  /// Answers a 401: `used` is the header that was refused. Throws what Docker tells when there is no way in.
  void answer(const HttpResponse& refused, const std::string& used, Cancel&);
  /// The refresh token that the token server gave for `offline`, empty when it gave none.
  std::string identity_token() const;
  /// Ask the token server for a refresh token (login).
  void ask_for_identity_token() { offline_ = true; }

 private:
  struct Token {
    std::string text, refresh;
    std::chrono::steady_clock::time_point expires;
  };

  void answer_bearer(const Challenge&, Cancel&);
  void answer_basic();
  Token fetch_token(const Challenge&, Cancel&);
  HttpRequest token_request(const std::string& realm, const std::string& service) const;
  HttpRequest refresh_request(const std::string& realm, const std::string& service) const;
  Transport transport_to(const std::string& realm) const;

  std::shared_ptr<Transfers> transfers_;
  const Endpoint endpoint_;
  const Settings settings_;
  const Credentials credentials_;
  bool offline_ = false;
  mutable std::mutex guard_;
  std::set<std::string> scopes_;
  std::string header_, identity_token_;
  std::chrono::steady_clock::time_point expires_;
};

} // namespace gantry::registry
