#include "base/error.hpp"
#include "images/document.hpp"
#include "images/image_target.hpp"
#include "images/reference.hpp"
#include "registry/registry_error.hpp"
#include "registry/repository.hpp"
#include "registry/service_impl.hpp"

namespace gantry::registry {
namespace {

using images::platform_json;

/// Of an image that is no index: what its config says.
Json platforms_of(const Repository& repository, const Document& document, Cancel& cancel) {
  if (document.is_index()) {
    Json all = Json::array();
    for (const auto& entry : parse_index(document.body)) all.push_back(platform_json(entry.platform));
    return all;
  }
  const std::string what = "invalid image config";
  const auto config =
      images::parse_document(repository.blob(parse_manifest(document.body).config, images::document_max, cancel), what);
  if (!config.is_object()) throw invalid(what + ": must be a JSON object");
  return Json::array(
      {platform_json({images::string_member(config, "os", what), images::string_member(config, "architecture", what),
                      images::string_member(config, "variant", what)})});
}

/// The registry's own status where the API has one for it.
Error api_error(const RegistryError& e) {
  const bool told = !e.registry_code().empty();
  const auto code = e.status() == 404           ? Code::not_found
                    : e.status() == 401 && told ? Code::unauthorized
                    : e.status() == 403         ? Code::forbidden
                                                : Code::unknown;
  return {code, e.what()};
}

} // namespace

Json RegistryService::inspect(const std::string& text, const Caller& caller, Cancel& cancel) {
  const auto reference = images::parse_reference(text).shown();
  Json answer;
  try {
    at_some_endpoint(*impl_, reference.domain, caller, true, cancel, [&](const ClientPtr& client) {
      client->authorizer().add_scope("repository:" + reference.path + ":pull");
      Repository repository(client, reference.path, impl_->settings().max_attempts);
      auto digest = reference.digest;
      const auto asked = digest.empty() ? reference.tag : digest;
      if (digest.empty())
        if (auto head = repository.head(asked, cancel)) digest = head->digest;
      const auto document = repository.manifest(asked, digest, cancel);
      answer["Descriptor"] = {{"mediaType", document.media_type}, {"digest", document.digest}, {"size", document.body.size()}};
      answer["Platforms"] = platforms_of(repository, document, cancel);
    });
  } catch (const RegistryError& e) {
    throw api_error(e);
  }
  return answer;
}

} // namespace gantry::registry
