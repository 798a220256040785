#include "images/catalogue.hpp"

#include <algorithm>

#include "images/digest.hpp"
#include "images/reference.hpp"

namespace gantry::images {
namespace {

ImagePtr find_by_prefix(const Catalogue& catalogue, std::string prefix) {
  constexpr std::string_view algorithm = "sha256:";
  if (!prefix.starts_with(algorithm)) prefix.insert(0, algorithm);
  if (prefix.size() == algorithm.size()) return nullptr;
  auto at = catalogue.images.lower_bound(prefix);
  if (at == catalogue.images.end() || !at->first.starts_with(prefix)) return nullptr;
  auto next = std::next(at);
  bool ambiguous = next != catalogue.images.end() && next->first.starts_with(prefix);
  return ambiguous ? nullptr : at->second;
}

} // namespace

ImagePtr Catalogue::find(const std::string& reference) const {
  auto id = is_hex_id(reference) ? "sha256:" + reference : reference;
  if (is_sha256(id)) {
    auto at = images.find(id);
    return at == images.end() ? nullptr : at->second;
  }
  auto name = names.find(parse_reference(reference).key().full());
  if (name != names.end()) return images.at(name->second);
  return find_by_prefix(*this, reference);
}

std::vector<ImagePtr> Catalogue::find_all(const std::string& reference) const {
  const auto first = find(reference);
  if (!first) return {};
  std::vector<ImagePtr> all{first};
  if (is_hex_id(reference) || is_sha256(reference)) return all;
  const auto name = parse_reference(reference).key().full();
  const auto main = names.find(name);
  if (main == names.end() || main->second != first->id) return all; // a prefix of an id
  if (const auto at = others.find(name); at != others.end())
    for (const auto& id : at->second) all.push_back(images.at(id));
  return all;
}

std::vector<std::string> Catalogue::under(const std::string& name) const {
  std::vector<std::string> ids;
  if (const auto at = names.find(name); at != names.end()) ids.push_back(at->second);
  if (const auto at = others.find(name); at != others.end()) ids.insert(ids.end(), at->second.begin(), at->second.end());
  return ids;
}

bool Catalogue::leads_to(const std::string& name, const std::string& image_id) const {
  const auto at = names.find(name);
  if (at != names.end() && at->second == image_id) return true;
  const auto more = others.find(name);
  return more != others.end() && more->second.contains(image_id);
}

std::vector<std::string> Catalogue::names_of(const std::string& image_id) const {
  std::vector<std::string> found;
  for (const auto& [name, id] : names)
    if (id == image_id) found.push_back(name);
  for (const auto& [name, ids] : others)
    if (ids.contains(image_id)) found.push_back(name);
  std::sort(found.begin(), found.end());
  return found;
}

bool Catalogue::has_children(const std::string& image_id) const {
  return std::any_of(images.begin(), images.end(), [&](const auto& item) { return item.second->parent == image_id; });
}

ImagePtr with_names(Image image, const Catalogue& catalogue) {
  image.repo_tags.clear();
  image.repo_digests.clear();
  for (const auto& name : catalogue.names_of(image.id)) {
    auto reference = parse_reference(name);
    (reference.digest.empty() ? image.repo_tags : image.repo_digests).push_back(reference.familiar());
  }
  image.chains = chain_ids(image.diff_ids);
  image.top_layer = image.chains.empty() ? "" : image.chains.back();
  image.layer_sizes.clear();
  image.size = 0;
  for (const auto& chain : image.chains) {
    auto layer = catalogue.layers.find(chain);
    image.layer_sizes.push_back(layer == catalogue.layers.end() ? 0 : layer->second.size);
    image.size += image.layer_sizes.back();
  }
  return std::make_shared<const Image>(std::move(image));
}

} // namespace gantry::images
