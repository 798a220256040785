#include "api/images/caller.hpp"
#include "api/images/handlers.hpp"
#include "api/images/import_url.hpp"
#include "api/progress.hpp"

namespace gantry::api {
namespace {

Task<void> pull(Services& services, const Request& request, Reply& reply) {
  const auto& query = request.query;
  const gantry::registry::PullRequest wanted{query.get("fromImage"), query.get("tag"), query.get("platform")};
  auto caller = caller_of(request);
  auto work = [&registries = services.registries, wanted, caller](const gantry::images::Progress& progress, Interrupt interrupt) {
    registries.pull(wanted, caller, progress, std::move(interrupt));
  };
  co_await stream_transfer(reply, work);
}

gantry::images::ImportOptions import_options(const Query& query) {
  if (query.get("fromSrc").empty()) throw invalid("one of the parameters fromImage and fromSrc must be given");
  return {query.get("repo"), query.get("tag"), query.get("message"), query.all("changes"), query.get("platform")};
}

} // namespace

Task<void> post_image_create(Services& services, Request& request, Reply& reply) {
  if (!request.query.get("fromImage").empty()) {
    co_await pull(services, request, reply);
    co_return;
  }
  auto options = import_options(request.query);
  if (const auto source = request.query.get("fromSrc"); source != "-") {
    auto fetch = [&services, source, options](const gantry::images::Progress& progress, Interrupt interrupt) {
      import_from_url(services.images, services.paths, services.registries.outside(), source, options, progress, *interrupt);
    };
    co_await stream_transfer(reply, fetch);
    co_return;
  }
  auto body = std::make_shared<UniqueFd>(request.source->pipe());
  auto work = [&images = services.images, body, options](const gantry::images::Progress& progress) {
    images.import(std::move(*body), options, progress);
  };
  co_await stream_progress(services.pool, reply, work);
}

} // namespace gantry::api
