#include "images/check.hpp"

#include "images/service_impl.hpp"
#include "images/store_check.hpp"

namespace gantry::images {

CheckReport check_store(ImageService& images, const state::Paths& paths, bool repair) {
  return StoreCheck(store_of(images), paths, repair).run();
}

} // namespace gantry::images
