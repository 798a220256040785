#include "images/image_service.hpp"

#include "base/error.hpp"
#include "images/image_target.hpp"
#include "images/intake.hpp"
#include "images/platform.hpp"
#include "images/reference.hpp"
#include "images/service_impl.hpp"

namespace gantry::images {

ImageService::ImageService(const state::Paths& paths, state::Database& db, StorageDriver& storage, events::Bus& bus)
    : impl_(new Impl{paths, storage, bus, {paths, db, storage}, {}, {}}) {}

ImageService::~ImageService() = default;

void ImageService::set_users(ImageUsers users) { impl_->users = std::move(users); }

ImagePtr ImageService::resolve(const std::string& reference) const {
  if (auto image = impl_->store.catalogue()->find(reference)) return image;
  bool is_id = is_hex_id(reference) || is_sha256(reference);
  throw not_found("No such image: " + (is_id ? reference : parse_reference(reference).shown().familiar()));
}

ImagePtr ImageService::resolve(const std::string& reference, const std::string& platform) const {
  const auto first = resolve(reference);
  if (platform.empty()) return first;
  const auto wanted = parse_platform(platform);
  if (auto best = choose_platform(impl_->store.catalogue()->find_all(reference), wanted)) return best;
  throw platform_missing(reference, wanted, *first);
}

ImagePtr ImageService::get(const std::string& id) const {
  auto catalogue = impl_->store.catalogue();
  auto at = catalogue->images.find(id);
  return at == catalogue->images.end() ? nullptr : at->second;
}

std::vector<ImagePtr> ImageService::list() const {
  std::vector<ImagePtr> images;
  const auto catalogue = impl_->store.catalogue(); // held: another thread may replace it in the middle
  for (const auto& [id, image] : catalogue->images) images.push_back(image);
  return images;
}

std::uint64_t ImageService::layers_size() const {
  std::uint64_t total = 0;
  const auto catalogue = impl_->store.catalogue();
  for (const auto& [chain, layer] : catalogue->layers) total += layer.size;
  return total;
}

std::unique_ptr<Intake> ImageService::begin_intake(const std::string& config) {
  return std::make_unique<Intake>(impl_->paths, impl_->storage, impl_->store, config);
}

ImageStore& ImageService::store() { return impl_->store; }

void ImageService::collect_garbage() { impl_->store.collect_garbage(); }

void ImageService::Impl::publish_event(const Image& image, const std::string& action, const std::string& name) const {
  events::Event event{"image", action, image.id, {}, 0};
  if (auto run = image.config.find("config"); run != image.config.end() && run->is_object())
    if (auto labels = run->find("Labels"); labels != run->end() && labels->is_object())
      for (const auto& [key, value] : labels->items()) event.attributes[key] = value.get<std::string>();
  event.attributes["name"] = name;
  bus.publish(std::move(event));
}

} // namespace gantry::images
