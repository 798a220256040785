#include "base/error.hpp"
#include "images/document.hpp"
#include "registry/registry_error.hpp"
#include "registry/service_impl.hpp"
#include "registry/transfer_error.hpp"
#include "registry/url.hpp"

namespace gantry::registry {
namespace {

const std::string invalid_answer = "invalid answer of the search";

struct Where {
  std::string domain, term;
};

/// "HOST/TERM" where the first part looks like a host, as in references.
Where where_of(const std::string& text) {
  auto slash = text.find('/');
  auto first = text.substr(0, slash);
  const bool host = slash != text.npos && (first.find_first_of(".:") != first.npos || first == "localhost");
  if (!host || first == "docker.io" || first == "index.docker.io") {
    auto term = host ? text.substr(slash + 1) : text;
    return {"docker.io", term.starts_with("library/") ? term.substr(8) : term};
  }
  return {first, text.substr(slash + 1)};
}

bool flag(const Json& item, const char* key) {
  auto at = item.find(key);
  return at != item.end() && at->is_boolean() && at->get<bool>();
}

std::int64_t stars_of(const Json& item) {
  auto at = item.find("star_count");
  return at != item.end() && at->is_number_integer() ? at->get<std::int64_t>() : 0;
}

Json results_of(const std::string& body, const SearchRequest& wanted) {
  const auto answer = images::parse_document(body, invalid_answer);
  auto results = answer.is_object() ? answer.find("results") : answer.end();
  if (!answer.is_object() || results == answer.end() || !results->is_array())
    throw invalid(invalid_answer + ": there are no results");
  Json list = Json::array();
  for (const auto& item : *results) {
    if (!item.is_object()) throw invalid(invalid_answer + ": a result must be an object");
    if (stars_of(item) < wanted.stars || (wanted.official >= 0 && flag(item, "is_official") != (wanted.official == 1))) continue;
    list.push_back({{"star_count", stars_of(item)},
                    {"is_official", flag(item, "is_official")},
                    {"name", images::string_member(item, "name", invalid_answer)},
                    {"is_automated", flag(item, "is_automated")},
                    {"description", images::string_member(item, "description", invalid_answer)}});
  }
  return list;
}

HttpRequest request_for(const std::string& base, const std::string& term, std::int64_t limit) {
  HttpRequest request;
  request.url = with_parameter(with_parameter(base + "/v1/search", "q", term), "n", std::to_string(limit));
  return request;
}

} // namespace

Json RegistryService::search(const SearchRequest& wanted, const Caller& caller, Cancel& cancel) {
  const auto settings = impl_->settings();
  const auto where = where_of(wanted.term);
  std::exception_ptr last;
  for (auto endpoint : endpoints_for(where.domain, settings, Mirrors::no)) {
    if (where.domain == "docker.io") endpoint.base = "https://index.docker.io";
    try {
      const auto response =
          impl_->client(endpoint, settings, caller)->send(request_for(endpoint.base, where.term, wanted.limit), cancel);
      if (response.status != 200) throw Error(Code::unknown, "Unexpected status code " + std::to_string(response.status));
      return results_of(response.body, wanted);
    } catch (const TransferError&) {
      last = std::current_exception();
    }
  }
  std::rethrow_exception(last);
}

} // namespace gantry::registry
