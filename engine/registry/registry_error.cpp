#include "registry/registry_error.hpp"

#include <cstdlib>

#include "base/json.hpp"
#include "registry/challenge.hpp"

namespace gantry::registry {
namespace {

constexpr std::size_t shown_max = 500;

/// "MANIFEST_UNKNOWN" → "manifest unknown".
std::string spoken(std::string code) {
  for (auto& c : code) c = c == '_' ? ' ' : c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return code;
}

std::string text_of(const Json& object, const char* key) {
  auto at = object.find(key);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

/// What goes into an error text comes from the network: one line, printable, short.
std::string shown(std::string text) {
  if (text.size() > shown_max) text = text.substr(0, shown_max) + "…";
  for (auto& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return text;
}

std::string status_text(const HttpResponse& response) {
  return std::to_string(response.status) + (response.reason.empty() ? "" : " " + shown(response.reason));
}

std::int64_t retry_after(const HttpResponse& response) {
  auto seconds = std::atoll(response.header("retry-after").c_str()); // the form with a date counts as nothing
  return seconds > 0 && seconds <= 3600 ? seconds : 0;
}

/// What a token server or registry says in the header itself (RFC 6750, 3.1).
bool from_challenge(const HttpResponse& response, std::string& code, std::string& message) {
  for (const auto& header : response.all("www-authenticate")) {
    for (const auto& challenge : parse_challenges(header)) {
      auto error = challenge.parameter("error");
      if (challenge.scheme != "bearer" || (error != "invalid_token" && error != "insufficient_scope")) continue;
      code = error == "invalid_token" ? "UNAUTHORIZED" : "DENIED";
      message = challenge.parameter("error_description");
      if (message.empty())
        message = error == "invalid_token" ? "authentication required" : "requested access to the resource is denied";
      return true;
    }
  }
  return false;
}

std::string unexpected_body(const HttpResponse& response, const Json& body) {
  auto start = "error parsing HTTP " + std::to_string(response.status) + " response body: ";
  if (body.is_discarded()) return start + "no JSON: \"" + shown(response.body) + "\"";
  return start + "no error details found in HTTP response body: \"" + shown(response.body) + "\"";
}

bool from_body(const HttpResponse& response, const Json& body, std::string& code, std::string& message) {
  if (!body.is_object()) return false;
  if (auto errors = body.find("errors");
      errors != body.end() && errors->is_array() && !errors->empty() && (*errors)[0].is_object()) {
    code = text_of((*errors)[0], "code");
    message = text_of((*errors)[0], "message");
    return !code.empty();
  }
  // Token servers answer {"details": "…"}.
  message = text_of(body, "details");
  if (message.empty() || (response.status != 401 && response.status != 429)) return false;
  code = response.status == 401 ? "UNAUTHORIZED" : "TOOMANYREQUESTS";
  return true;
}

} // namespace

RegistryError registry_error(const HttpResponse& response) {
  if (response.status >= 500 || response.status < 400)
    return {response.status, "", "received unexpected HTTP status: " + status_text(response), retry_after(response)};
  std::string code, message;
  const Json body = Json::parse(response.body, nullptr, false);
  if (from_challenge(response, code, message) || from_body(response, body, code, message))
    return {response.status, code, shown(spoken(code)) + ": " + shown(message), retry_after(response)};
  if (response.status == 401) return {401, "UNAUTHORIZED", "unauthorized: authentication required"};
  if (response.status == 429) return {429, "TOOMANYREQUESTS", "toomanyrequests: too many requests", retry_after(response)};
  return {response.status, "", unexpected_body(response, body)};
}

Error pull_error(const RegistryError& error, const images::Reference& reference) {
  const auto& code = error.registry_code();
  if (code == "DENIED")
    return not_found("pull access denied for " + reference.familiar_name() +
                     ", repository does not exist or may require 'docker login': " + error.what());
  if (code == "MANIFEST_UNKNOWN")
    return not_found("manifest for " + reference.shown().familiar() + " not found: " + error.what());
  if (code == "NAME_UNKNOWN") return not_found("repository " + reference.familiar_name() + " not found: " + error.what());
  return {code == "UNAUTHORIZED" ? Code::unauthorized : Code::unknown, error.what()};
}

} // namespace gantry::registry
