#include "api/containers/handlers.hpp"

namespace gantry::api {

namespace {

using gantry::containers::WaitCondition;
using gantry::containers::Waiter;
using gantry::containers::WaitResult;

WaitCondition read_condition(const Request& request) {
  const auto& text = request.query.get("condition");
  if (request.version < ApiVersion{1, 30} || text.empty() || text == "not-running") return WaitCondition::not_running;
  if (text == "next-exit") return WaitCondition::next_exit;
  if (text == "removed") return WaitCondition::removed;
  throw invalid("invalid condition: \"" + text + "\": expected not-running, next-exit or removed");
}

Task<void> await_result(Waiter& waiter, WaitResult& result) { result = co_await waiter.result(); }

Json result_json(const WaitResult& result, ApiVersion version) {
  Json body;
  body["StatusCode"] = result.status_code;
  if (version >= ApiVersion{1, 34} && !result.error.empty()) body["Error"] = {{"Message", result.error}};
  return body;
}

} // namespace

Task<void> post_container_wait(Services& services, Request& request, Reply& reply) {
  const auto waiter = services.containers.wait(request.param("id"), read_condition(request));
  // The head tells the client that the waiter stands; only then it starts the container.
  co_await reply.begin_stream("application/json");
  WaitResult result;
  co_await reply.until_hang_up(await_result(*waiter, result));
  auto line = dump(result_json(result, request.version)) + '\n';
  co_await reply.write(std::move(line));
}

} // namespace gantry::api
