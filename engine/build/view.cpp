#include "build/view.hpp"

#include "base/id.hpp"
#include "base/log.hpp"
#include "images/uncancelled_call.hpp"

namespace gantry::build {

View::View(StorageDriver& storage, const std::string& parent)
    : storage_(storage), key_("build-view-" + random_id().substr(0, 16)) {
  images::UncancelledCall call;
  storage_.view(call, key_, parent);
}

View::~View() {
  try {
    images::UncancelledCall call;
    storage_.remove(call, key_);
  } catch (const std::exception& e) {
    log::warn("remove snapshot " + key_ + ": " + e.what());
  }
}

} // namespace gantry::build
