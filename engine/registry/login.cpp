#include "base/error.hpp"
#include "registry/registry_error.hpp"
#include "registry/service_impl.hpp"
#include "registry/transfer_error.hpp"
#include "registry/url.hpp"

namespace gantry::registry {
namespace {

/// "https://index.docker.io/v1/", "127.0.0.1:5000", "" → the domain of references.
std::string domain_of(std::string address) {
  for (const std::string scheme : {"https://", "http://"})
    if (address.starts_with(scheme)) address = address.substr(scheme.size());
  address = address.substr(0, address.find('/'));
  const bool hub = address.empty() || address == "index.docker.io" || address == "registry-1.docker.io";
  return hub ? "docker.io" : address;
}

/// One attempt; unauthorized when the registry does not take the credentials.
std::string log_in_at(Client& client, Cancel& cancel) {
  HttpRequest request;
  request.url = "/v2/";
  request.body_max = 1 << 20;
  const auto url = client.endpoint().base + "/v2/";
  client.authorizer().ask_for_identity_token();
  try {
    const auto response = client.send(request, cancel);
    if (response.status >= 200 && response.status < 300) return client.authorizer().identity_token();
    throw Error(response.status == 401 ? Code::unauthorized : Code::unknown,
                "login attempt to " + url + " failed with status: " + std::to_string(response.status) + " " + response.reason);
  } catch (const RegistryError& e) {
    const auto code = e.status() == 401 || e.status() == 403 ? Code::unauthorized : Code::unknown;
    throw Error(code, go_operation("GET", url) + ": " + e.what());
  }
}

} // namespace

std::string RegistryService::login(const Credentials& credentials, Cancel& cancel) {
  std::exception_ptr last;
  const auto settings = impl_->settings();
  for (const auto& endpoint : endpoints_for(domain_of(credentials.server_address), settings, Mirrors::no)) {
    try {
      return log_in_at(*impl_->client(endpoint, settings, {credentials, {}}), cancel);
    } catch (const TransferError&) {
      last = std::current_exception();
    }
  }
  std::rethrow_exception(last);
}

} // namespace gantry::registry
