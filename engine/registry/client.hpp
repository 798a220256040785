#pragma once

#include <functional>
#include <memory>
#include <string>

#include "registry/authorizer.hpp"

namespace gantry::registry {

/// Speaks with one endpoint for one user: authorised, redirects followed. Thread-safe; every call blocks.
class Client {
 public:
  Client(std::shared_ptr<Transfers>, Endpoint, Settings, Credentials, Headers extra);

  /// GET /v2/: throws when nobody is there that speaks the protocol. A 401 is a good answer.
  void ping(Cancel&);
  /// `path` is "/v2/…" or, for what the registry itself gave, an absolute URL. A 401 is answered once; redirects of GET and HEAD
  /// are followed to other hosts without credentials. The answer may have any status. Errors name the exchange as Go does.
  HttpResponse send(HttpRequest request, Cancel&);
  /// The same, but throws RegistryError for a status of 400 and above.
  HttpResponse call(HttpRequest request, Cancel&);

  Authorizer& authorizer() { return authorizer_; }
  const Endpoint& endpoint() const { return endpoint_; }

 private:
  HttpResponse send_once(HttpRequest request, Cancel&, std::string& used);
  HttpResponse follow(const HttpRequest& first, HttpResponse response, Cancel&);
  Transport transport_to(const std::string& origin_of) const;

  std::shared_ptr<Transfers> transfers_;
  const Endpoint endpoint_;
  const Settings settings_;
  const Headers extra_;
  const std::string origin_;
  Authorizer authorizer_;
};
using ClientPtr = std::shared_ptr<Client>;

} // namespace gantry::registry
