#include "images/catalogue.hpp"

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

ImagePtr with_names(Image image, const Catalogue& catalogue) {
  image.repo_tags.clear();
  image.repo_digests.clear();
  for (const auto& [name, id] : catalogue.names) {
    if (id != image.id) continue;
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
