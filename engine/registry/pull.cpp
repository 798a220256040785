#include "base/error.hpp"
#include "images/reference.hpp"
#include "registry/image_pull.hpp"
#include "registry/progress.hpp"
#include "registry/registry_error.hpp"

namespace gantry::registry {
namespace {

/// The reference with what came beside it; a digest there replaces a tag.
images::Reference reference_of(const PullRequest& request) {
  auto reference = images::parse_reference(request.image);
  if (request.tag.empty()) return reference;
  const bool digest = request.tag.starts_with("sha256:") || request.tag.starts_with("sha512:");
  if (!digest && !images::is_tag(request.tag)) throw invalid("invalid tag format");
  reference = images::parse_reference(reference.name() + (digest ? "@" : ":") + request.tag);
  return reference;
}

std::vector<images::Reference> references_of(const images::Reference& reference, Repository& repository, Cancel& cancel) {
  if (!reference.tag.empty() || !reference.digest.empty()) return {reference};
  std::vector<images::Reference> all;
  try {
    for (const auto& tag : repository.tags(cancel)) all.push_back({reference.domain, reference.path, tag, ""});
  } catch (const RegistryError& e) {
    throw pull_error(e, reference);
  }
  if (all.empty()) throw not_found("no tags in " + reference.familiar_name());
  return all;
}

} // namespace

void RegistryService::pull(const PullRequest& request, const Caller& caller, const images::Progress& progress, CancelPtr cancel) {
  const auto reference = reference_of(request);
  const auto platform = parse_platform(request.platform);
  if (reference.familiar_name() == "scratch") throw forbidden("'scratch' is a reserved name");
  bool changed = false;
  at_some_endpoint(*impl_, reference.domain, caller, true, *cancel, [&](const ClientPtr& client) {
    client->authorizer().add_scope("repository:" + reference.path + ":pull");
    Repository repository(client, reference.path, impl_->settings().max_attempts);
    ImagePull pull(*impl_, repository, platform, progress, *cancel);
    for (const auto& one : references_of(reference, repository, *cancel)) changed = pull.run(one) || changed;
  });
  const auto name = reference.familiar();
  progress(status_message((changed ? "Status: Downloaded newer image for " : "Status: Image is up to date for ") + name));
  // One event for all tags, as Docker's: with the labels of :latest, if that is among them.
  const auto image = impl_->images.store().catalogue()->find(reference.key().full());
  impl_->publish_event(image ? *image : images::Image{}, "pull", name, reference.familiar_name());
}

} // namespace gantry::registry
