#include "registry/client.hpp"

#include "registry/registry_error.hpp"
#include "registry/transfer_error.hpp"
#include "registry/url.hpp"

namespace gantry::registry {
namespace {

constexpr int redirects_max = 10;

bool is_redirect(int status) { return status == 301 || status == 302 || status == 303 || status == 307 || status == 308; }

} // namespace

Client::Client(std::shared_ptr<Transfers> transfers, Endpoint endpoint, Settings settings, Credentials credentials, Headers extra)
    : transfers_(std::move(transfers)),
      endpoint_(std::move(endpoint)),
      settings_(std::move(settings)),
      extra_(std::move(extra)),
      origin_(parse_url(endpoint_.base).origin()),
      authorizer_(transfers_, endpoint_, settings_, std::move(credentials)) {}

void Client::ping(Cancel& cancel) {
  HttpRequest request;
  request.url = endpoint_.base + "/v2/";
  request.body_max = 1 << 20;
  auto response = follow(request, transfers_->exchange(request, endpoint_.transport, cancel), cancel);
  if (response.status == 401 || (response.status >= 200 && response.status < 300)) return;
  throw registry_error(response);
}

HttpResponse Client::send(HttpRequest request, Cancel& cancel) {
  if (request.url.starts_with('/')) request.url = endpoint_.base + request.url;
  std::string used;
  try {
    auto response = send_once(request, cancel, used);
    if (response.status != 401) return response;
    authorizer_.answer(response, used, cancel);
    // What was read of a large body is gone: its sender goes on where the registry says.
    if (request.read)
      throw TransferError(TransferError::Kind::broken, "the registry asked for credentials in the middle of an upload");
    return send_once(std::move(request), cancel, used);
  } catch (const RegistryError& e) {
    // Docker's push, whose requests are about blobs first, tells the cause without the request.
    const bool blob = request.url.find("/blobs/") != std::string::npos;
    if (!e.registry_code().empty() || e.status() != 401 || blob) throw;
    throw RegistryError(401, "", go_operation(request.method, request.url) + ": " + e.what());
  }
}

HttpResponse Client::call(HttpRequest request, Cancel& cancel) {
  auto response = send(std::move(request), cancel);
  if (response.status >= 400) throw registry_error(response);
  return response;
}

HttpResponse Client::send_once(HttpRequest request, Cancel& cancel, std::string& used) {
  // Only the registry itself hears who is asking.
  const bool home = parse_url(request.url).origin() == origin_;
  used = home ? authorizer_.header() : "";
  const HttpRequest plain = request;
  if (!used.empty()) request.headers.emplace_back("Authorization", used);
  if (home)
    for (const auto& header : extra_) request.headers.push_back(header);
  auto response = transfers_->exchange(request, home ? endpoint_.transport : transport_to(request.url), cancel);
  return follow(plain, std::move(response), cancel);
}

HttpResponse Client::follow(const HttpRequest& first, HttpResponse response, Cancel& cancel) {
  if (first.method != "GET" && first.method != "HEAD") return response;
  std::string at = first.url;
  for (int hops = 0; is_redirect(response.status); ++hops) {
    if (hops == redirects_max) throw RegistryError(508, "", go_operation(first.method, at) + ": stopped after 10 redirects");
    const auto location = response.header("location");
    if (location.empty())
      throw RegistryError(
          502, "", go_operation(first.method, at) + ": " + std::to_string(response.status) + " response missing Location header");
    HttpRequest next = first;
    next.url = resolve_url(at, location).text;
    const bool home = parse_url(next.url).origin() == origin_;
    if (auto header = authorizer_.header(); home && !header.empty()) next.headers.emplace_back("Authorization", header);
    at = next.url;
    response = transfers_->exchange(next, home ? endpoint_.transport : transport_to(next.url), cancel);
  }
  return response;
}

Transport Client::transport_to(const std::string& text) const {
  const auto url = parse_url(text);
  const auto host = url.host + ":" + url.port;
  auto transport = transport_for(host, settings_);
  transport.verify = !is_insecure(host, settings_) && !is_insecure(url.host, settings_);
  return transport;
}

} // namespace gantry::registry
