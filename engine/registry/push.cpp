#include "base/error.hpp"
#include "images/reference.hpp"
#include "registry/image_push.hpp"
#include "registry/index_push.hpp"
#include "registry/progress.hpp"

namespace gantry::registry {
namespace {

using Outgoing = std::vector<std::pair<images::Reference, std::vector<images::ImagePtr>>>;

/// The tags of a repository that were asked for, and their images: the one of the platform, where one is given, or all.
Outgoing images_of(const images::ImageService& service, const images::Catalogue& catalogue, const images::Reference& repository,
                   const std::string& tag, const std::string& platform) {
  Outgoing all;
  bool known = false;
  for (const auto& [name, id] : catalogue.names) {
    const auto reference = images::parse_reference(name);
    if (reference.name() != repository.name() || reference.tag.empty()) continue;
    known = true;
    if (!tag.empty() && tag != reference.tag) continue;
    std::vector<images::ImagePtr> under{service.resolve(reference.familiar(), platform)};
    if (platform.empty()) under = catalogue.find_all(name);
    all.emplace_back(reference, std::move(under));
  }
  if (!known) throw not_found("An image does not exist locally with the tag: " + repository.familiar_name());
  if (all.empty()) throw not_found("tag does not exist: " + repository.familiar_name() + ":" + tag);
  return all;
}

} // namespace

void RegistryService::push(const PushRequest& request, const Caller& caller, const images::Progress& progress, CancelPtr cancel) {
  auto repository_name = images::parse_reference(request.image);
  const auto tag = request.tag.empty() ? repository_name.tag : request.tag;
  if (!tag.empty() && !images::is_tag(tag)) throw invalid("invalid tag format");
  if (!repository_name.digest.empty()) throw invalid("cannot push a digest reference");
  progress(status_message("The push refers to repository [" + repository_name.name() + "]"));
  const auto all = images_of(impl_->images, *impl_->images.store().catalogue(), repository_name, tag, request.platform);
  at_some_endpoint(*impl_, repository_name.domain, caller, false, *cancel, [&](const ClientPtr& client) {
    client->authorizer().add_scope("repository:" + repository_name.path + ":pull,push");
    Repository repository(client, repository_name.path, impl_->settings().max_attempts);
    for (const auto& [reference, images] : all) {
      if (request.platform.empty())
        IndexPush(*impl_, repository, repository_name.domain, progress, *cancel).run(reference, images);
      else
        ImagePush(*impl_, repository, repository_name.domain, progress, *cancel).run(reference, *images.front());
      impl_->publish_event(*images.front(), "push", reference.familiar(), reference.familiar_name());
    }
  });
}

} // namespace gantry::registry
