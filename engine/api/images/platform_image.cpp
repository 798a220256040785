#include "api/images/platform_image.hpp"

#include "base/error.hpp"
#include "registry/platform.hpp"

namespace gantry::api {
namespace {

std::string text_of(const Json& config, const char* key) {
  const auto at = config.find(key);
  return at != config.end() && at->is_string() ? at->get<std::string>() : std::string();
}

} // namespace

gantry::images::ImagePtr image_for(const gantry::images::ImageService& images, const std::string& reference,
                                   const std::string& platform) {
  auto image = images.resolve(reference);
  if (platform.empty()) return image;
  const auto wanted = registry::parse_platform(platform);
  const registry::Platform actual{text_of(image->config, "os"), text_of(image->config, "architecture"),
                                  text_of(image->config, "variant")};
  if (!registry::runs_on(actual, wanted))
    throw not_found("image with reference " + reference + " was found but does not match the specified platform: wanted " +
                    wanted.text() + ", actual: " + actual.text());
  return image;
}

} // namespace gantry::api
