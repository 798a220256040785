#include "registry/authorizer.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "registry/registry_error.hpp"
#include "registry/url.hpp"

namespace gantry::registry {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::int64_t shortest_life_s = 60, longest_life_s = 24 * 3600;
constexpr std::size_t token_answer_max = 1 << 20;

std::string basic(const Credentials& c) { return "Basic " + base64_encode(c.username + ":" + c.password); }

std::string text_of(const Json& object, const char* key) {
  auto at = object.find(key);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

std::int64_t number_of(const Json& object, const char* key) {
  auto at = object.find(key);
  return at != object.end() && at->is_number_integer() ? at->get<std::int64_t>() : 0;
}

} // namespace

Authorizer::Authorizer(std::shared_ptr<Transfers> transfers, Endpoint endpoint, Settings settings, Credentials credentials)
    : transfers_(std::move(transfers)),
      endpoint_(std::move(endpoint)),
      settings_(std::move(settings)),
      credentials_(std::move(credentials)) {
  if (credentials_.registry_token.empty()) return;
  header_ = "Bearer " + credentials_.registry_token;
  expires_ = Clock::time_point::max();
}

void Authorizer::add_scope(const std::string& scope) {
  std::lock_guard lock(guard_);
  if (scopes_.insert(scope).second && credentials_.registry_token.empty() && header_.starts_with("Bearer ")) header_.clear();
}

std::string Authorizer::header() const {
  std::lock_guard lock(guard_);
  return expires_ > Clock::now() ? header_ : std::string();
}

std::string Authorizer::identity_token() const {
  std::lock_guard lock(guard_);
  return identity_token_;
}

void Authorizer::answer(const HttpResponse& refused, const std::string& used, Cancel& cancel) {
  std::lock_guard lock(guard_);
  // Another exchange was refused in the same moment and has answered already.
  if (!header_.empty() && header_ != used && expires_ > Clock::now()) return;
  const bool own_token = !credentials_.registry_token.empty();
  for (const auto& header : refused.all("www-authenticate")) {
    for (const auto& challenge : parse_challenges(header)) {
      if (challenge.scheme == "bearer" && !own_token) return answer_bearer(challenge, cancel);
      if (challenge.scheme == "basic" && !own_token && used.empty()) return answer_basic();
    }
  }
  throw registry_error(refused);
}

void Authorizer::answer_basic() {
  if (credentials_.username.empty()) throw RegistryError(401, "", "no basic auth credentials");
  header_ = basic(credentials_);
  expires_ = Clock::time_point::max();
}

void Authorizer::answer_bearer(const Challenge& challenge, Cancel& cancel) {
  if (auto scope = challenge.parameter("scope"); !scope.empty() && scopes_.empty()) scopes_.insert(scope);
  auto token = fetch_token(challenge, cancel);
  header_ = "Bearer " + token.text;
  expires_ = token.expires;
  if (!token.refresh.empty()) identity_token_ = token.refresh;
}

Authorizer::Token Authorizer::fetch_token(const Challenge& challenge, Cancel& cancel) {
  const auto realm = resolve_url(endpoint_.base + "/", challenge.parameter("realm")).text;
  if (challenge.parameter("realm").empty()) throw RegistryError(401, "", "no realm specified for token auth challenge");
  // A registry that is reached over TLS cannot make us send a password in clear text to somebody.
  const bool secret = !credentials_.username.empty() || !credentials_.identity_token.empty();
  if (secret && !endpoint_.plain && realm.starts_with("http://"))
    throw RegistryError(401, "",
                        "the token server \"" + realm + "\" of an https registry is plain http: credentials are not sent there");
  auto request = credentials_.identity_token.empty() ? token_request(realm, challenge.parameter("service"))
                                                     : refresh_request(realm, challenge.parameter("service"));
  request.body_max = token_answer_max;
  const auto response = transfers_->exchange(request, transport_to(realm), cancel);
  if (response.status < 200 || response.status > 299) throw registry_error(response);
  const Json answer = Json::parse(response.body, nullptr, false);
  if (!answer.is_object()) throw RegistryError(401, "", "unable to decode token response: no JSON object");
  Token token;
  token.text = text_of(answer, "access_token");
  if (token.text.empty()) token.text = text_of(answer, "token");
  if (token.text.empty()) throw RegistryError(401, "", "authorization server did not include a token in the response");
  token.refresh = text_of(answer, "refresh_token");
  auto life = std::clamp(number_of(answer, "expires_in"), shortest_life_s, longest_life_s);
  token.expires = Clock::now() + std::chrono::seconds(life - 10);
  return token;
}

HttpRequest Authorizer::token_request(const std::string& realm, const std::string& service) const {
  HttpRequest request;
  request.url = realm;
  if (!service.empty()) request.url = with_parameter(request.url, "service", service);
  for (const auto& scope : scopes_) request.url = with_parameter(request.url, "scope", scope);
  if (offline_) {
    request.url = with_parameter(request.url, "offline_token", "true");
    request.url = with_parameter(request.url, "client_id", "docker");
  }
  if (!credentials_.username.empty()) {
    request.url = with_parameter(request.url, "account", credentials_.username);
    request.headers.emplace_back("Authorization", basic(credentials_));
  }
  return request;
}

HttpRequest Authorizer::refresh_request(const std::string& realm, const std::string& service) const {
  std::string scopes;
  for (const auto& scope : scopes_) scopes += (scopes.empty() ? "" : " ") + scope;
  HttpRequest request;
  request.method = "POST";
  request.url = realm;
  request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  request.body = "grant_type=refresh_token&refresh_token=" + percent_encode(credentials_.identity_token) +
                 "&service=" + percent_encode(service) + "&client_id=docker&scope=" + percent_encode(scopes);
  return request;
}

Transport Authorizer::transport_to(const std::string& realm) const {
  const auto url = parse_url(realm);
  if (url.origin() == parse_url(endpoint_.base).origin()) return endpoint_.transport;
  auto transport = transport_for(url.host + ":" + url.port, settings_);
  transport.verify = !is_insecure(url.host + ":" + url.port, settings_);
  return transport;
}

} // namespace gantry::registry
