#include <algorithm>
#include <set>

#include "base/error.hpp"
#include "base/id.hpp"
#include "images/layer_recipe.hpp"
#include "images/reference.hpp"
#include "images/remove_platforms.hpp"
#include "images/remove_unused.hpp"
#include "images/service_impl.hpp"

// Docker's rules. By name: the name goes, and the image with its last name. By id: the image goes when at most one
// repository names it. A running container and images that were made of it keep an image whatever `force` says.
namespace gantry::images {
namespace {

Error in_use(const std::string& message) { return {Code::in_use, message}; }

std::vector<Reference> names_of(const Catalogue& catalogue, const std::string& id) {
  std::vector<Reference> names;
  for (const auto& name : catalogue.names_of(id)) names.push_back(parse_reference(name));
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
  static ImageService::Impl& impl_of(ImageService& images) { return *images.impl_; }

  ImageService::Impl& service;
  bool force, prune;
  std::vector<DeletedImage> records{};

  std::vector<Reference> names(const std::string& id) const { return names_of(*service.store.catalogue(), id); }

  void tell_untagged(const Reference& name, const Image& image) {
    records.push_back({name.familiar(), std::nullopt});
    service.publish_event(image, "untag", image.id);
  }

  /// The name goes, whatever images it leads to.
  void untag(const Reference& name, const Image& image) {
    service.store.drop_names({name.full()});
    tell_untagged(name, image);
  }

  /// The name goes as far as it leads to this image.
  void untag_only(const Reference& name, const Image& image) {
    service.store.drop_name_of(name.full(), image.id);
    tell_untagged(name, image);
  }

  std::optional<Obstacle> obstacle(const Image& image, bool forced, bool ignore_names) const {
    if (service.store.catalogue()->has_children(image.id)) return Obstacle{false, false, "image has dependent child images"};
    auto users = service.users_of(image.id);
    for (const auto& user : users)
      if (user.running) return Obstacle{false, true, "image is being used by running container " + short_id(user.container_id)};
    if (forced) return std::nullopt;
    if (!ignore_names && !names(image.id).empty()) return Obstacle{true, false, "image is referenced in multiple repositories"};
    if (!users.empty())
      return Obstacle{true, true, "image is being used by stopped container " + short_id(users[0].container_id)};
    return std::nullopt;
  }

  /// Neither a name nor another image leads to it.
  bool is_dangling(const Image& image) const {
    return names(image.id).empty() && !service.store.catalogue()->has_children(image.id);
  }

  /// A container must not find its image without a name.
  void check_last_name(const Image& image, const std::string& text) const {
    if (force || !is_single(names(image.id))) return;
    const auto users = service.users_of(image.id);
    if (!users.empty())
      throw in_use("conflict: unable to remove repository reference \"" + text + "\" (must force) - container " +
                   short_id(users[0].container_id) + " is using its referenced image " + short_id(image.id));
  }

  /// `images`: all that the name leads to, or those of the platforms that are meant.
  void by_name(const std::vector<ImagePtr>& images, const std::string& text, bool all) {
    for (const auto& image : images) check_last_name(*image, text);
    const auto name = parse_reference(text).key();
    if (all) untag(name, *images.front());
    for (const auto& image : images) {
      if (!all) untag_only(name, *image);
      if (name.digest.empty()) untag_left_digests(name.name(), *image);
      if (names(image->id).empty()) delete_image(*image, force, true);
    }
  }

  /// Digests of a repository go with its last tag.
  void untag_left_digests(const std::string& repository, const Image& image) {
    auto left = names(image.id);
    std::erase_if(left, [&](const auto& name) { return name.name() != repository; });
    if (std::any_of(left.begin(), left.end(), [](const auto& name) { return name.digest.empty(); })) return;
    for (const auto& name : left) untag_only(name, image);
  }

  void by_id(const Image& image) {
    const auto decided = names(image.id);
    if (is_single(decided)) {
      if (auto reason = obstacle(image, force, true)) throw reason->error(image.id);
      for (const auto& name : decided) untag_only(name, image);
      return delete_image(image, force, false);
    }
    delete_image(image, force, false, decided);
  }

  /// With its names `decided`, and with the parents that nothing holds any more. `quietly`: what is still used stays without a
  /// word. A name that it is given meanwhile keeps it.
  void delete_image(const Image& image, bool forced, bool quietly, const std::vector<Reference>& decided = {}) {
    if (const auto reason = obstacle(image, forced, false)) {
      if (quietly && (reason->used || !is_dangling(image))) return;
      throw reason->error(image.id);
    }
    for (const auto& name : decided) untag_only(name, image);
    std::vector<std::string> chains;
    try {
      chains = service.store.drop_image(image.id);
    } catch (const Error& error) {
      if (quietly && error.code() == Code::in_use) return;
      throw;
    }
    service.publish_event(image, "delete", image.id);
    records.push_back({std::nullopt, image.id});
    for (const auto& chain : chains) records.push_back({std::nullopt, "sha256:" + chain});
    if (!prune || image.parent.empty()) return;
    const auto all = service.store.catalogue();
    if (const auto parent = all->images.find(image.parent); parent != all->images.end())
      delete_image(*parent->second, false, true);
  }
};

void make_blob(ImageService& images, const Layer& layer, const std::function<void()>& check) {
  auto& impl = Removal::impl_of(images);
  make_blob(impl.paths, impl.storage, layer, check);
}

std::uint64_t blob_bytes(ImageService& images, const Layer& layer) { return blob_bytes(Removal::impl_of(images).paths, layer); }

ImageStore& store_of(ImageService& images) { return Removal::impl_of(images).store; }

std::vector<DeletedImage> ImageService::remove(const std::string& reference, bool force, bool prune) {
  std::lock_guard lock(impl_->removing);
  const auto image = resolve(reference);
  Removal removal{*impl_, force, prune};
  if (is_id_prefix(image->id, reference)) {
    removal.by_id(*image);
  } else {
    removal.by_name(impl_->store.catalogue()->find_all(reference), reference, true);
  }
  return std::move(removal.records);
}

bool is_used(ImageService& images, const std::string& image_id) { return !Removal::impl_of(images).users_of(image_id).empty(); }

bool remove_unused(ImageService& images, const Image& planned, std::int64_t last_used_ns) {
  auto& service = Removal::impl_of(images);
  std::lock_guard lock(service.removing);
  const auto image = images.get(planned.id);
  const auto names = names_of(*service.store.catalogue(), planned.id);
  if (!image || service.store.last_used(*image) > last_used_ns || !service.users_of(image->id).empty()) return false;
  if (service.store.catalogue()->has_children(image->id)) return false;
  try {
    Removal{service, true, false}.delete_image(*image, true, false, names);
  } catch (const Error& error) {
    if (error.code() != Code::in_use) throw;
    return false;
  }
  return true;
}

std::vector<DeletedImage> remove_nameless(ImageService& images, const std::string& id) {
  auto& service = Removal::impl_of(images);
  std::lock_guard lock(service.removing);
  const auto image = images.get(id);
  Removal removal{service, false, true};
  if (image && removal.names(id).empty()) removal.delete_image(*image, false, false);
  return std::move(removal.records);
}

std::vector<DeletedImage> remove_platforms(ImageService& images, const std::string& reference,
                                           const std::vector<std::string>& platforms, bool force, bool prune) {
  auto& service = Removal::impl_of(images);
  std::lock_guard lock(service.removing);
  std::vector<ImagePtr> chosen;
  for (const auto& platform : platforms) {
    auto image = images.resolve(reference, platform);
    if (std::find(chosen.begin(), chosen.end(), image) == chosen.end()) chosen.push_back(std::move(image));
  }
  Removal removal{service, force, prune};
  if (chosen.size() == 1 && is_id_prefix(chosen.front()->id, reference)) {
    removal.by_id(*chosen.front());
  } else {
    removal.by_name(chosen, reference, false);
  }
  return std::move(removal.records);
}

} // namespace gantry::images
