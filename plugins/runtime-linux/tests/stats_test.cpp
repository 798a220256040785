#include <algorithm>
#include <fstream>

#include "container_fixture.hpp"

namespace gantry::runtime_linux::test {
namespace {

class Stats : public ContainerTest {
 protected:
  std::string running(const std::vector<std::string>& args = {"sleep", "60"}) {
    const RuntimeCreate create = program(args);
    driver_->create(call_, create);
    driver_->start(call_, create.id);
    return create.id;
  }
  Json extra(const std::string& id) { return Json::parse(driver_->stats(call_, id).extra_json); }
  static std::size_t open_files() {
    const std::filesystem::directory_iterator files("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(files), end(files)));
  }
};

TEST_F(Stats, count_what_the_container_does) {
  const std::string id = running({"sh", "-c", "while :; do :; done"});
  const RuntimeStats first = driver_->stats(call_, id);
  EXPECT_GT(first.memory_usage, 0U);
  EXPECT_EQ(first.pids, 1U);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  RuntimeStats next = first;
  while (next.cpu_total_ns < first.cpu_total_ns + 10'000'000 && std::chrono::steady_clock::now() < deadline)
    next = driver_->stats(call_, id);
  EXPECT_GT(next.cpu_total_ns, first.cpu_total_ns) << "the counters are those of now, not those of the first time";
}

TEST_F(Stats, have_the_further_counters_of_docker) {
  const Json more = extra(running());
  EXPECT_TRUE(more["cpu_stats"]["throttling_data"].contains("throttled_time"));
  EXPECT_FALSE(more["memory_stats"]["stats"].empty());
  EXPECT_TRUE(more["blkio_stats"]["io_service_bytes_recursive"].is_array());
  EXPECT_EQ(more["networks"], Json::object()) << "a network namespace of its own without interfaces";
  const bool pressure = std::ifstream("/proc/pressure/cpu").good();
  EXPECT_EQ(more.contains("pressure_stats"), pressure);
  if (pressure) {
    EXPECT_TRUE(more["pressure_stats"]["memory"]["some"]["avg10"].is_number()) << more;
  }
}

TEST_F(Stats, of_a_new_run_are_not_those_of_the_last) {
  const RuntimeCreate create = program({"sh", "-c", "i=0; while :; do i=$((i+1)); done"});
  driver_->create(call_, create);
  driver_->start(call_, create.id);
  const auto used = [&] { return driver_->stats(call_, create.id).cpu_total_ns; };
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (used() < 100'000'000 && std::chrono::steady_clock::now() < deadline) continue;
  const std::uint64_t before = used();
  driver_->remove(call_, create.id, true);
  RuntimeCreate again = request(create.id, default_spec({"sleep", "60"}));
  driver_->create(call_, again);
  driver_->start(call_, create.id);
  EXPECT_LT(used(), before);
}

TEST_F(Stats, leave_no_open_file_behind) {
  const std::size_t before = open_files();
  const std::string id = running();
  driver_->stats(call_, id);
  EXPECT_GT(open_files(), before + 5) << "the files stay open for the next time";
  driver_->remove(call_, id, true);
  EXPECT_EQ(open_files(), before);
  EXPECT_THROW(driver_->stats(call_, id), Error);
}

} // namespace
} // namespace gantry::runtime_linux::test
