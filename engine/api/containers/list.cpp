#include <algorithm>
#include <map>

#include "api/containers/handlers.hpp"
#include "api/containers/list_filter.hpp"
#include "api/containers/wire.hpp"
#include "base/time.hpp"
#include "images/reference.hpp"

namespace gantry::api {

namespace {

using gantry::containers::Container;
using gantry::containers::ContainerPtr;

/// The image names to show: what the user wrote while it still means the same image, the image's ID otherwise.
class ImageNames {
 public:
  explicit ImageNames(const gantry::images::ImageService& images) : images_(images) {}

  const std::string& of(const Container& container) {
    const auto known = current_.find(container.image_ref);
    const auto& now =
        known != current_.end() ? known->second : current_.emplace(container.image_ref, look_up(container)).first->second;
    return now == container.image_id || is_named(container) ? container.image_ref : container.image_id;
  }

 private:
  std::string look_up(const Container& container) const {
    try {
      return images_.resolve(container.image_ref)->id;
    } catch (const Error&) {
      return "";
    }
  }

  /// The reference also means images of other platforms.
  bool is_named(const Container& container) const {
    const auto image = images_.get(container.image_id);
    if (!image || image->repo_tags.empty() || gantry::images::is_hex_id(container.image_ref)) return false;
    try {
      const auto name = gantry::images::parse_reference(container.image_ref).key().familiar();
      return std::find(image->repo_tags.begin(), image->repo_tags.end(), name) != image->repo_tags.end();
    } catch (const Error&) {
      return false;
    }
  }

  const gantry::images::ImageService& images_;
  std::map<std::string, std::string> current_; ///< reference → the ID that it means now
};

} // namespace

Task<void> get_containers(Services& services, Request& request, Reply& reply) {
  const ContainerFilter filter(services, request.query);
  const bool with_size = request.query.flag("size");
  const auto now = now_ns();
  ImageNames names(services.images);
  // Written out one by one: a thousand containers are not held as one tree of JSON.
  std::string list = "[";
  std::size_t count = 0;
  const std::vector<ContainerPtr> containers = services.containers.list();
  for (const auto& container : containers) {
    if (!filter.matches(*container)) continue;
    if (count > 0) list += ',';
    if (with_size) {
      const ContainerSize size = co_await services.containers.size(container->id);
      list += dump(container_summary(*container, names.of(*container), now, size, request.version));
    } else {
      services.summaries->append(list, container, names.of(*container), now, request.version);
    }
    if (++count == filter.limit()) break;
  }
  services.summaries->trim(containers.size());
  reply.text(200, list + "]\n", "application/json");
}

} // namespace gantry::api
