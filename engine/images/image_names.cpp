// How names of images change, apart from images that come and go.
#include "base/error.hpp"
#include "images/image_store.hpp"
#include "images/naming.hpp"

namespace gantry::images {

void ImageStore::rename(const std::function<void(Naming&, const Catalogue& now)>& change) {
  std::lock_guard lock(writing_);
  auto next = draft();
  std::set<std::string> changed;
  db_.transaction([&](Transaction& t) {
    Naming naming(t, *next, changed);
    change(naming, *next);
  });
  refresh_names(*next, changed);
  replace(std::move(next));
}

void ImageStore::set_name(const std::string& name, const std::vector<std::string>& image_ids) {
  rename([&](Naming& naming, const Catalogue& now) {
    for (const auto& id : image_ids)
      if (!now.images.contains(id)) throw not_found("No such image: " + id);
    naming.set(name, {});
    for (auto id = image_ids.rbegin(); id != image_ids.rend(); ++id) naming.add(name, *id, {image_ids.begin(), image_ids.end()});
  });
}

void ImageStore::drop_names(const std::vector<std::string>& names) {
  rename([&](Naming& naming, const Catalogue&) {
    for (const auto& name : names) naming.set(name, {});
  });
}

void ImageStore::drop_name_of(const std::string& name, const std::string& image_id) {
  rename([&](Naming& naming, const Catalogue&) { naming.drop(name, image_id); });
}

void ImageStore::prefer(const std::string& name, const std::string& image_id) {
  rename([&](Naming& naming, const Catalogue& now) {
    const auto ids = now.under(name);
    if (now.leads_to(name, image_id)) naming.add(name, image_id, {ids.begin(), ids.end()});
  });
}

} // namespace gantry::images
