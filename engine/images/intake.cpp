#include "images/intake.hpp"

#include <unistd.h>

#include <cerrno>

#include "base/error.hpp"
#include "base/failpoint.hpp"
#include "images/digest.hpp"
#include "images/image_config.hpp"

namespace gantry::images {

Intake::Intake(const state::Paths& paths, StorageDriver& storage, ImageStore& store, std::string config)
    : storage_(storage),
      store_(store),
      config_(std::move(config)),
      document_(parse_image_config(config_).document),
      diff_ids_(parse_image_config(config_).diff_ids),
      chains_(chain_ids(diff_ids_)),
      ingest_(paths),
      lease_(store, chains_) {}

bool Intake::has(std::size_t layer) const { return store_.catalogue()->layers.contains(chains_.at(layer)); }

UnpackedLayer Intake::unpack(std::size_t layer, ByteReader read) const {
  LayerPlan plan{chains_.at(layer), layer ? chains_[layer - 1] : "", diff_ids_[layer], {}};
  return unpack_layer(storage_, plan, std::move(read));
}

void Intake::take(UnpackedLayer layer, ReceivedFile blob) {
  auto path = ingest_.new_path();
  if (::link(blob.path.c_str(), path.c_str())) throw os_error("link " + blob.path + " to " + path, errno);
  blob.path = path;
  layer.plan.blob = std::move(blob);
  std::vector<UnpackedLayer> layers;
  layers.push_back(std::move(layer));
  store_.publish(layers, {});
  failpoint("images.after_layer");
}

std::vector<MovedName> Intake::publish(std::vector<std::string> names, std::vector<Manifest> manifests) {
  std::vector<UnpackedLayer> none;
  return store_.publish(none, {{config_, std::move(names), std::move(manifests)}});
}

} // namespace gantry::images
