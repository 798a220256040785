#include "base/error.hpp"
#include "base/log.hpp"
#include "images/layer_recipe.hpp"
#include "images/remove_unused.hpp"
#include "images/service_impl.hpp"
#include "images/store_budget.hpp"

namespace gantry::images {

BudgetReport keep_budget(ImageService& images, const Budget& budget, bool dry_run) {
  auto& store = images.store();
  const auto catalogue = store.catalogue();
  const auto working = store.working();
  Holds holds;
  holds.chains = working;
  holds.tops = {working.begin(), working.end()};
  holds.used = [&](const Image& image) { return is_used(images, image.id); };
  holds.last_used_ns = [&](const Image& image) { return store.last_used(image); };
  holds.blob_bytes = [&](const Layer& layer) { return blob_bytes(images, layer); };
  BudgetReport report{bytes_of(*catalogue, holds.blob_bytes), {}, 0};
  for (auto& one : plan_deletions(*catalogue, budget, holds)) {
    try {
      if (!dry_run && !remove_unused(images, *one.image, one.last_used_ns)) continue;
    } catch (const Error& e) {
      log::warn("image budget: " + one.image->id + " stays: " + e.what());
      continue;
    }
    report.freed += one.freed;
    report.deleted.push_back(std::move(one));
  }
  return report;
}

} // namespace gantry::images
