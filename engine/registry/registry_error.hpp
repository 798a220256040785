#pragma once

#include <cstdint>
#include <string>

#include "base/error.hpp"
#include "images/reference.hpp"
#include "registry/transfer.hpp"

namespace gantry::registry {

/// An answer of a registry that is no success. The text is that of Docker's distribution client: "manifest unknown: manifest
/// unknown", "unauthorized: authentication required".
class RegistryError : public Error {
 public:
  RegistryError(int status, std::string code, const std::string& message, std::int64_t retry_after_s = 0)
      : Error(Code::unknown, message), status_(status), code_(std::move(code)), retry_after_s_(retry_after_s) {}
  int status() const { return status_; }
  /// "MANIFEST_UNKNOWN", "DENIED", …; empty when the registry did not say.
  const std::string& registry_code() const { return code_; }
  /// What Retry-After asks for, 0 when there is none.
  std::int64_t retry_after_s() const { return retry_after_s_; }
  /// The registry is busy or ill: a later attempt may do better.
  bool worth_retrying() const { return status_ == 429 || status_ == 500 || status_ == 502 || status_ == 503 || status_ == 504; }

 private:
  int status_;
  std::string code_;
  std::int64_t retry_after_s_;
};

/// Of a response with a status that is no success.
RegistryError registry_error(const HttpResponse&);
/// What a pull of `reference` tells its user: not_found for what the registry does not have or does not show, unauthorized for
/// credentials that it does not take.
Error pull_error(const RegistryError&, const images::Reference& reference);

} // namespace gantry::registry
