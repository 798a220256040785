#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "containers/stats_collector.hpp"
#include "service_fixture.hpp"

namespace gantry::test {
namespace {

using namespace std::chrono_literals;

TEST(HostCpu, counts_every_processor_since_boot) {
  const HostCpu first = read_host_cpu();
  EXPECT_EQ(first.cpus, static_cast<std::uint32_t>(::sysconf(_SC_NPROCESSORS_ONLN)));
  EXPECT_GT(first.total_ns, 0U);
  EXPECT_GE(read_host_cpu().total_ns, first.total_ns);
}

/// Samples that a listener got.
struct Inbox {
  std::mutex guard;
  std::vector<StatsSamplePtr> samples;
  StatsCollector::Listener listener() {
    return [this](StatsSamplePtr sample) {
      const std::lock_guard lock(guard);
      samples.push_back(std::move(sample));
    };
  }
  std::size_t count() {
    const std::lock_guard lock(guard);
    return samples.size();
  }
  StatsSamplePtr first() {
    const std::lock_guard lock(guard);
    return samples.front();
  }
  StatsSamplePtr last() {
    const std::lock_guard lock(guard);
    return samples.back();
  }
  void until(std::size_t wanted) {
    while (count() < wanted) std::this_thread::yield();
  }
};

class Collector : public testing::Test {
 protected:
  Collector()
      : collector([this](const std::string& id, const HostCpu&) {
          ++sampled;
          return id == "gone" ? nullptr : std::make_shared<const StatsSample>();
        }) {}
  ~Collector() override {
    pool.join();
    if (thread.joinable()) thread.join();
  }
  void begin() {
    done = boost::asio::co_spawn(io, collector.run(pool, 1ms), boost::asio::use_future);
    thread = std::thread([this] { io.run(); });
  }

  std::atomic<int> sampled{0};
  StatsCollector collector;
  boost::asio::io_context io;
  Pool pool{1};
  std::future<void> done;
  std::thread thread;
};

TEST_F(Collector, samples_a_container_once_for_all_who_watch_it_and_ends_with_the_last) {
  Inbox one, two;
  {
    auto first = collector.subscribe("web", one.listener());
    EXPECT_TRUE(first.first);
    auto second = collector.subscribe("web", two.listener());
    EXPECT_FALSE(second.first) << "it is running already";
    begin();
    one.until(3);
    two.until(3);
  }
  ASSERT_EQ(done.wait_for(30s), std::future_status::ready);
  EXPECT_LE(static_cast<std::size_t>(sampled), one.count() + 1) << "each round reads the counters once";
  EXPECT_TRUE(collector.subscribe("web", one.listener()).first) << "somebody has to begin again";
}

TEST_F(Collector, tells_that_a_container_has_gone) {
  Inbox inbox;
  {
    auto watching = collector.subscribe("gone", inbox.listener());
    begin();
    inbox.until(1);
  }
  ASSERT_EQ(done.wait_for(30s), std::future_status::ready);
  EXPECT_EQ(inbox.first(), nullptr);
}

class ContainerStats : public ServiceTest {};

TEST_F(ContainerStats, have_a_time_only_while_it_runs) {
  const std::string id = daemon->create();
  EXPECT_EQ(daemon->run(service().stats(id)).read_ns, 0);
  daemon->run(service().start(id));
  EXPECT_NE(daemon->run(service().stats(id)).read_ns, 0);
}

TEST_F(ContainerStats, are_watched_until_the_container_is_removed) {
  const std::string id = daemon->create();
  Inbox inbox;
  const auto watching = service().watch_stats(id, inbox.listener());
  inbox.until(1);
  EXPECT_EQ(inbox.first()->read_ns, 0) << "it does not run";
  daemon->run(service().remove(id, {}));
  inbox.until(inbox.count() + 1);
  EXPECT_EQ(inbox.last(), nullptr);
}

} // namespace
} // namespace gantry::test
