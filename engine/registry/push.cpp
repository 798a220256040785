#include "base/error.hpp"
#include "images/reference.hpp"
#include "registry/image_push.hpp"
#include "registry/progress.hpp"

namespace gantry::registry {
namespace {

/// The tags of a repository that were asked for, and their images.
std::vector<std::pair<images::Reference, images::ImagePtr>> images_of(const images::Catalogue& catalogue,
                                                                      const images::Reference& repository,
                                                                      const std::string& tag) {
  std::vector<std::pair<images::Reference, images::ImagePtr>> all;
  bool known = false;
  for (const auto& [name, id] : catalogue.names) {
    const auto reference = images::parse_reference(name);
    if (reference.name() != repository.name() || reference.tag.empty()) continue;
    known = true;
    if (tag.empty() || tag == reference.tag) all.emplace_back(reference, catalogue.images.at(id));
  }
  if (!known) throw not_found("An image does not exist locally with the tag: " + repository.familiar_name());
  if (all.empty()) throw not_found("tag does not exist: " + repository.familiar_name() + ":" + tag);
  return all;
}

/// The image is the one of that platform, or there is none.
void check_platform(const images::Reference& reference, const images::Image& image, const std::string& platform) {
  if (platform.empty()) return;
  const auto wanted = parse_platform(platform);
  const auto text = [&](const char* key) {
    auto at = image.config.find(key);
    return at != image.config.end() && at->is_string() ? at->get<std::string>() : std::string();
  };
  const Platform actual{text("os"), text("architecture"), text("variant")};
  if (!runs_on(actual, wanted))
    throw not_found("image with reference " + reference.familiar() +
                    " was found but does not match the specified platform: wanted " + wanted.text() +
                    ", actual: " + actual.text());
}

} // namespace

void RegistryService::push(const PushRequest& request, const Caller& caller, const images::Progress& progress, CancelPtr cancel) {
  auto repository_name = images::parse_reference(request.image);
  const auto tag = request.tag.empty() ? repository_name.tag : request.tag;
  if (!tag.empty() && !images::is_tag(tag)) throw invalid("invalid tag format");
  if (!repository_name.digest.empty()) throw invalid("cannot push a digest reference");
  progress(status_message("The push refers to repository [" + repository_name.name() + "]"));
  const auto all = images_of(*impl_->images.store().catalogue(), repository_name, tag);
  for (const auto& [reference, image] : all) check_platform(reference, *image, request.platform);
  at_some_endpoint(*impl_, repository_name.domain, caller, false, *cancel, [&](const ClientPtr& client) {
    client->authorizer().add_scope("repository:" + repository_name.path + ":pull,push");
    Repository repository(client, repository_name.path, impl_->settings().max_attempts);
    for (const auto& [reference, image] : all) {
      ImagePush(*impl_, repository, repository_name.domain, progress, *cancel).run(reference, *image);
      impl_->publish_event(*image, "push", reference.familiar(), reference.familiar_name());
    }
  });
}

} // namespace gantry::registry
