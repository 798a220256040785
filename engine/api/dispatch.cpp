#include "api/dispatch.hpp"

#include "base/log.hpp"

namespace gantry::api {

const Router::Route* resolve(const Router& router, std::string_view target, Request& request) {
  // Absolute form ("GET http://docker/v1.44/…"), as proxies send it.
  if (const auto scheme = target.find("://"); !target.starts_with('/') && scheme != std::string_view::npos) {
    const auto slash = target.find('/', scheme + 3);
    target = slash == std::string_view::npos ? "/" : target.substr(slash);
  }
  const auto question = target.find('?');
  auto where = split_version(percent_decode(target.substr(0, question), false));
  request.version = where.version;
  request.path = std::move(where.path);
  // An older version is told so by the handler's check, not by an unknown path.
  auto found = router.match(request.method, request.path, std::max(request.version, oldest_version));
  request.params = std::move(found.params);
  if (found.route != nullptr && question != std::string_view::npos) request.query = Query(target.substr(question + 1));
  return found.route;
}

Task<void> dispatch(Dispatcher dispatcher, const Router::Route* route, Request& request, LiveReply& reply) {
  std::exception_ptr failure;
  try {
    if (route == nullptr) throw not_found("page not found");
    check_version(request.version);
    co_await route->handler(dispatcher.services, request, reply);
  } catch (...) {
    failure = std::current_exception();
  }
  if (!failure) co_return;
  if (reply.begun()) std::rethrow_exception(failure);
  reply.fail(failure, request.version);
}

} // namespace gantry::api
