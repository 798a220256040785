// When images were used last, for the budget of the store.
#include <algorithm>

#include "base/time.hpp"
#include "images/image_store.hpp"

namespace gantry::images {
namespace {

constexpr std::int64_t on_disk_every_ns = 60'000'000'000;

} // namespace

void ImageStore::touch(const std::string& image_id) {
  const auto now = now_ns();
  {
    std::lock_guard lock(using_);
    used_[image_id] = now;
  }
  const auto before = catalogue();
  const auto at = before->images.find(image_id);
  if (at == before->images.end() || now - at->second->last_used_ns < on_disk_every_ns) return;
  std::lock_guard lock(writing_);
  auto next = draft();
  const auto here = next->images.find(image_id);
  if (here == next->images.end()) return;
  db_.transaction([&](Transaction& t) {
    t.prepare("UPDATE images SET last_used_ns = ? WHERE id = ?").bind(1, now).bind(2, image_id).step();
  });
  Image image = *here->second;
  image.last_used_ns = now;
  here->second = std::make_shared<const Image>(std::move(image));
  replace(std::move(next));
}

std::int64_t ImageStore::last_used(const Image& image) const {
  std::lock_guard lock(using_);
  const auto at = used_.find(image.id);
  return at == used_.end() ? image.last_used_ns : std::max(image.last_used_ns, at->second);
}

} // namespace gantry::images
