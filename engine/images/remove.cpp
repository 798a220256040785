#include <algorithm>
#include <set>

#include "base/error.hpp"
#include "base/id.hpp"
#include "images/reference.hpp"
#include "images/service_impl.hpp"

// Docker's rules. By name: the name goes, and the image with its last name. By id: the image goes when at most one
// repository names it. A running container keeps its image whatever `force` says.
namespace gantry::images {
namespace {

Error in_use(const std::string& message) { return {Code::in_use, message}; }

std::vector<Reference> names_of(const Catalogue& catalogue, const std::string& id) {
  std::vector<Reference> names;
  for (const auto& [name, target] : catalogue.names)
    if (target == id) names.push_back(parse_reference(name));
  return names;
}

bool is_id_prefix(const std::string& id, const std::string& text) {
  return id.starts_with(text) || id.substr(id.find(':') + 1).starts_with(text);
}

/// At most one tag, and digests only in the same repository.
bool is_single(const std::vector<Reference>& names) {
  if (names.size() <= 1) return true;
  auto tags = std::count_if(names.begin(), names.end(), [](const auto& name) { return name.digest.empty(); });
  std::set<std::string> repositories;
  for (const auto& name : names) repositories.insert(name.name());
  return tags <= 1 && repositories.size() == 1;
}

/// Why an image cannot be deleted.
struct Obstacle {
  bool forcible = true;
  bool used = false;
  std::string reason;

  Error error(const std::string& id) const {
    return in_use("conflict: unable to delete " + short_id(id) + " (" + (forcible ? "must be forced" : "cannot be forced") +
                  ") - " + reason);
  }
};

} // namespace

/// One removal in progress.
struct Removal {
  static ImageStore& store_of(ImageService& images) { return images.impl_->store; }

  ImageService::Impl& service;
  ImagePtr image;
  bool force;
  std::vector<DeletedImage> records;

  std::vector<Reference> names() const { return names_of(*service.store.catalogue(), image->id); }

  void untag(const Reference& name) {
    service.store.drop_names({name.full()});
    records.push_back({name.familiar(), std::nullopt});
    service.publish_event(*image, "untag", image->id);
  }

  std::optional<Obstacle> obstacle(bool ignore_names) const {
    auto users = service.users_of(image->id);
    for (const auto& user : users)
      if (user.running) return Obstacle{false, true, "image is being used by running container " + short_id(user.container_id)};
    if (force) return std::nullopt;
    if (!ignore_names && !names().empty()) return Obstacle{true, false, "image is referenced in multiple repositories"};
    if (!users.empty())
      return Obstacle{true, true, "image is being used by stopped container " + short_id(users[0].container_id)};
    return std::nullopt;
  }

  /// Without the name nothing else keeps the image from being deleted.
  bool name_is_last_hold() const { return !force && is_single(names()); }

  void by_name(const std::string& text) {
    auto users = service.users_of(image->id);
    if (name_is_last_hold() && !users.empty())
      throw in_use("conflict: unable to remove repository reference \"" + text + "\" (must force) - container " +
                   short_id(users[0].container_id) + " is using its referenced image " + short_id(image->id));
    auto name = parse_reference(text).key();
    untag(name);
    if (name.digest.empty()) untag_left_digests(name.name());
    if (!names().empty()) return;
    auto reason = obstacle(false);
    if (reason && reason->used) return; // the image stays for its container
    if (reason) throw reason->error(image->id);
    delete_image();
  }

  /// Digests of a repository go with its last tag.
  void untag_left_digests(const std::string& repository) {
    auto left = names();
    std::erase_if(left, [&](const auto& name) { return name.name() != repository; });
    if (std::any_of(left.begin(), left.end(), [](const auto& name) { return name.digest.empty(); })) return;
    for (const auto& name : left) untag(name);
  }

  void by_id() {
    if (is_single(names())) {
      if (auto reason = obstacle(true)) throw reason->error(image->id);
      for (const auto& name : names()) untag(name);
    }
    if (auto reason = obstacle(false)) throw reason->error(image->id);
    delete_image();
  }

  void delete_image() {
    for (const auto& name : names()) untag(name);
    auto chains = service.store.drop_image(image->id);
    service.publish_event(*image, "delete", image->id);
    records.push_back({std::nullopt, image->id});
    for (const auto& chain : chains) records.push_back({std::nullopt, "sha256:" + chain});
  }
};

ImageStore& store_of(ImageService& images) { return Removal::store_of(images); }

std::vector<DeletedImage> ImageService::remove(const std::string& reference, bool force, bool) {
  std::lock_guard lock(impl_->removing);
  Removal removal{*impl_, resolve(reference), force, {}};
  if (is_id_prefix(removal.image->id, reference)) {
    removal.by_id();
  } else {
    removal.by_name(reference);
  }
  return std::move(removal.records);
}

} // namespace gantry::images
