#include "events/bus.hpp"

#include <gtest/gtest.h>

using namespace gantry::events;

namespace {

Event event(const std::string& action, std::int64_t time_ns = 0) { return {"container", action, "id", {}, time_ns}; }

struct Log {
  std::vector<std::string> actions;
  Bus::Listener listener() {
    return [this](const EventPtr& e) { actions.push_back(e->action); };
  }
};

TEST(Bus, delivers_in_order_until_the_subscription_ends) {
  Bus bus;
  Log log;
  bus.publish(event("before"));
  {
    auto subscription = bus.subscribe(0, log.listener());
    bus.publish(event("a"));
    auto moved = std::move(subscription);
    bus.publish(event("b"));
  }
  bus.publish(event("after"));
  EXPECT_EQ(log.actions, (std::vector<std::string>{"a", "b"}));
}

TEST(Bus, replays_since_a_moment_and_goes_on_live) {
  Bus bus;
  Log log;
  for (int i = 1; i <= 3; ++i) bus.publish(event(std::to_string(i), i));
  const auto subscription = bus.subscribe(2, log.listener());
  bus.publish(event("4", 4));
  EXPECT_EQ(log.actions, (std::vector<std::string>{"2", "3", "4"}));
}

TEST(Bus, keeps_the_newest_1024) {
  Bus bus;
  Log log;
  for (int i = 1; i <= 1100; ++i) bus.publish(event(std::to_string(i), i));
  const auto subscription = bus.subscribe(1, log.listener());
  ASSERT_EQ(log.actions.size(), 1024u);
  EXPECT_EQ(log.actions.front(), "77");
}

TEST(Bus, fills_in_the_time) {
  Bus bus;
  std::int64_t seen = 0;
  const auto subscription = bus.subscribe(0, [&](const EventPtr& e) { seen = e->time_ns; });
  bus.publish(event("a"));
  EXPECT_GT(seen, 0);
}

} // namespace
