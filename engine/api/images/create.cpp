#include "api/images/handlers.hpp"
#include "api/progress.hpp"
#include "images/reference.hpp"

namespace gantry::api {
namespace {

[[noreturn]] void refuse_pull(const Query& query) {
  auto reference = gantry::images::parse_reference(query.get("fromImage"));
  const auto& tag = query.get("tag");
  if (!tag.empty()) (tag.find(':') == tag.npos ? reference.tag : reference.digest) = tag;
  throw not_implemented("cannot pull " + reference.shown().familiar() +
                        ": pulling from registries is not available in this release, load or import the image");
}

gantry::images::ImportOptions import_options(const Query& query) {
  if (query.get("fromSrc").empty()) throw invalid("one of the parameters fromImage and fromSrc must be given");
  if (query.get("fromSrc") != "-")
    throw not_implemented("cannot import from \"" + query.get("fromSrc") +
                          "\": importing from a URL is not available in this release, send the archive with fromSrc=-");
  return {query.get("repo"), query.get("tag"), query.get("message"), query.all("changes"), query.get("platform")};
}

} // namespace

Task<void> post_image_create(Services& services, Request& request, Reply& reply) {
  if (!request.query.get("fromImage").empty()) refuse_pull(request.query);
  auto options = import_options(request.query);
  auto body = std::make_shared<UniqueFd>(request.source->pipe());
  auto work = [&images = services.images, body, options](const gantry::images::Progress& progress) {
    images.import(std::move(*body), options, progress);
  };
  co_await stream_progress(services.pool, reply, work);
}

} // namespace gantry::api
