#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "api/containers/handlers.hpp"
#include "api/containers/stats_wire.hpp"
#include "api/mailbox.hpp"

namespace gantry::api {

namespace {

using gantry::containers::ContainerPtr;
using gantry::containers::ContainerService;
using gantry::containers::StatsSample;
using gantry::containers::StatsSamplePtr;
using Samples = Mailbox<StatsSamplePtr>;

constexpr std::chrono::seconds period(1);
/// The collector's first round may follow the first sample at once: too soon for a rate.
constexpr std::int64_t shortest_gap_ns = 500'000'000;

/// What a reader that is too slow has not taken is of no use to it any more.
constexpr std::size_t most_waiting = 4;

Task<void> pause_between_samples() {
  auto executor = co_await boost::asio::this_coro::executor;
  boost::asio::steady_timer timer(executor, period);
  co_await timer.async_wait(boost::asio::use_awaitable);
}

bool is_too_soon(const StatsSample& sample, std::int64_t last_ns) {
  return sample.read_ns != 0 && last_ns != 0 && sample.read_ns - last_ns < shortest_gap_ns;
}

/// Ends when the container is removed.
Task<void> stream_samples(ContainerService& containers, std::string id, Samples& box, Reply& reply) {
  StatsWriter writer;
  const StatsSample first = co_await containers.stats(id);
  std::string line = writer.next(*containers.find(id), first) + '\n';
  co_await reply.write(std::move(line));
  for (;;) {
    const std::vector<StatsSamplePtr> taken = co_await box.take();
    if (taken.empty() || !taken.back()) co_return;
    const StatsSample& sample = *taken.back();
    if (is_too_soon(sample, writer.last_ns())) continue;
    std::string next = writer.next(*containers.find(id), sample) + '\n';
    co_await reply.write(std::move(next));
  }
}

Task<void> stream_stats(Services& services, const std::string& id, Reply& reply) {
  const auto box = std::make_shared<Samples>();
  const auto watching = services.containers.watch_stats(id, [box](StatsSamplePtr sample) {
    if (box->push(std::move(sample)) > most_waiting) box->trim(1);
  });
  co_await reply.begin_stream("application/json");
  co_await reply.until_hang_up(stream_samples(services.containers, id, *box, reply));
}

} // namespace

Task<void> get_container_stats(Services& services, Request& request, Reply& reply) {
  const auto id = services.containers.find(request.param("id"))->id;
  if (request.query.flag("stream", true)) {
    co_await stream_stats(services, id, reply);
    co_return;
  }
  const bool one_shot = request.version >= ApiVersion{1, 41} && request.query.flag("one-shot");
  StatsWriter writer;
  StatsSample sample = co_await services.containers.stats(id);
  if (!one_shot && sample.read_ns != 0) {
    writer.skip(sample);
    co_await pause_between_samples();
    StatsSample second = co_await services.containers.stats(id);
    sample = std::move(second);
  }
  const ContainerPtr container = services.containers.find(id);
  reply.text(200, writer.next(*container, sample) + '\n', "application/json");
}

} // namespace gantry::api
