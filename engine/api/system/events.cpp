#include <boost/asio/steady_timer.hpp>

#include "api/filters.hpp"
#include "api/mailbox.hpp"
#include "api/system/event_wire.hpp"
#include "api/system/handlers.hpp"
#include "base/time.hpp"
#include "events/filter.hpp"

namespace gantry::api {

namespace {

using gantry::events::EventPtr;

/// A reader that falls this far behind loses its stream, not the daemon its memory.
constexpr std::size_t most_waiting = 1 << 16;

struct Window {
  std::int64_t since_ns = 0, until_ns = 0; ///< 0: open
};

Window read_window(const Query& query) {
  Window window;
  if (const auto& since = query.get("since"); !since.empty()) window.since_ns = std::max<std::int64_t>(parse_timestamp(since), 1);
  if (const auto& until = query.get("until"); !until.empty()) window.until_ns = parse_timestamp(until);
  if (window.until_ns != 0 && window.since_ns > window.until_ns) {
    throw invalid("`since` time (" + query.get("since") + ") cannot be after `until` time (" + query.get("until") + ")");
  }
  return window;
}

gantry::events::Filter read_filter(const Query& query) {
  // As in Docker, a filter that no event knows is nobody's mistake.
  const Filters given(query.get("filters"));
  gantry::events::Filter::Values values;
  for (const auto& [key, list] : given.all()) values[key].insert(list.begin(), list.end());
  return gantry::events::Filter(std::move(values));
}

struct Feed {
  Mailbox<EventPtr> box;
  gantry::events::Filter filter;
  Window window;
};

/// Runs on the publisher's thread.
void receive(Feed& feed, const EventPtr& event) {
  if (feed.window.until_ns != 0 && event->time_ns > feed.window.until_ns) return;
  if (feed.filter.matches(*event) && feed.box.push(event) > most_waiting) feed.box.close();
}

Task<void> send_events(Feed& feed, Reply& reply, ApiVersion version) {
  for (;;) {
    const std::vector<EventPtr> batch = co_await feed.box.take();
    if (batch.empty()) co_return;
    std::string bytes;
    for (const auto& event : batch) bytes += dump(event_json(*event, version)) + '\n';
    co_await reply.write(std::move(bytes));
  }
}

} // namespace

Task<void> get_events(Services& services, Request& request, Reply& reply) {
  const auto feed = std::make_shared<Feed>();
  feed->window = read_window(request.query);
  feed->filter = read_filter(request.query);
  const auto subscription =
      services.events.subscribe(feed->window.since_ns, [feed](const EventPtr& event) { receive(*feed, event); });
  co_await reply.begin_stream("application/json");
  auto executor = co_await boost::asio::this_coro::executor;
  boost::asio::steady_timer end(executor);
  if (feed->window.until_ns != 0) {
    end.expires_after(std::chrono::nanoseconds(std::max<std::int64_t>(feed->window.until_ns - now_ns(), 0)));
    end.async_wait([feed](boost::system::error_code error) {
      if (!error) feed->box.close();
    });
  }
  co_await reply.until_hang_up(send_events(*feed, reply, request.version));
}

} // namespace gantry::api
