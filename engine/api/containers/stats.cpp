#include <boost/asio/steady_timer.hpp>

#include "api/containers/handlers.hpp"
#include "api/containers/stats_wire.hpp"
#include "base/time.hpp"

namespace gantry::api {

namespace {

using gantry::containers::ContainerPtr;
using gantry::containers::ContainerService;
using gantry::containers::Phase;

bool runs(const gantry::containers::Container& container) {
  return container.phase == Phase::running || container.phase == Phase::paused;
}

/// A sample without a time when the container does not run.
Task<StatsSample> take_sample(ContainerService& containers, std::string id) {
  StatsSample sample;
  if (!runs(*containers.find(id))) co_return sample;
  try {
    RuntimeStats counters = co_await containers.stats(id);
    sample.counters = std::move(counters);
  } catch (const Error& error) {
    if (error.code() != Code::not_found && error.code() != Code::forbidden_state) throw;
    co_return sample; // it exited in this moment
  }
  sample.read_ns = now_ns();
  read_host_cpu(sample);
  co_return sample;
}

Task<void> pause_between_samples() {
  auto executor = co_await boost::asio::this_coro::executor;
  boost::asio::steady_timer timer(executor, std::chrono::seconds(1));
  co_await timer.async_wait(boost::asio::use_awaitable);
}

Task<void> stream_samples(ContainerService& containers, std::string id, Reply& reply) {
  StatsSample before;
  for (;;) {
    StatsSample now = co_await take_sample(containers, id);
    const ContainerPtr container = containers.find(id);
    auto line = dump(stats_json(*container, now, before)) + '\n';
    co_await reply.write(std::move(line));
    before = std::move(now);
    co_await pause_between_samples();
  }
}

} // namespace

Task<void> get_container_stats(Services& services, Request& request, Reply& reply) {
  const auto id = services.containers.find(request.param("id"))->id;
  if (request.query.flag("stream", true)) {
    co_await reply.begin_stream("application/json");
    co_await reply.until_hang_up(stream_samples(services.containers, id, reply));
    co_return;
  }
  const bool one_shot = request.version >= ApiVersion{1, 41} && request.query.flag("one-shot");
  StatsSample before;
  StatsSample now = co_await take_sample(services.containers, id);
  if (!one_shot && now.read_ns != 0) {
    before = std::move(now);
    co_await pause_between_samples();
    now = co_await take_sample(services.containers, id);
  }
  reply.json(200, stats_json(*services.containers.find(id), now, before));
}

} // namespace gantry::api
