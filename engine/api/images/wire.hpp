#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "api/version.hpp"
#include "base/json.hpp"
#include "images/image_service.hpp"

// Images as JSON, with Docker's keys in Docker's order.
namespace gantry::api {

/// What a list shows besides the image itself; -1: not asked for.
struct ImageFigures {
  std::int64_t containers = -1;
  std::int64_t shared_size = -1;
};

/// One element of GET /images/json. `tags`: those that the filter let through.
Json image_summary(const gantry::images::Image& image, const std::vector<std::string>& tags, const ImageFigures& figures,
                   ApiVersion version);

/// GraphDriver of inspect.
struct GraphDriver {
  std::string name;
  std::vector<std::pair<std::string, std::string>> data;
};

/// GET /images/{name}/json.
Json image_inspect(const gantry::images::Image& image, const GraphDriver& driver, ApiVersion version);

/// GET /images/{name}/history: newest first. `parents`: the image's parent, the parent's parent and so on.
Json image_history(const gantry::images::Image& image, const std::vector<gantry::images::ImagePtr>& parents);

Json deleted_images(const std::vector<gantry::images::DeletedImage>& deleted);

/// Ids of the images that others among `images` were made of.
std::set<std::string> parents_of(const std::vector<gantry::images::ImagePtr>& images);

/// Without a name, and others were made of it: lists hide it.
bool is_intermediate(const gantry::images::Image& image, const std::set<std::string>& parents);

/// Labels of the image's run config.
std::map<std::string, std::string> image_labels(const gantry::images::Image& image);

} // namespace gantry::api
