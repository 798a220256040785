// Prints how long the driver's calls take and how fast a container's output reaches its log. Not a test: numbers depend
// on the machine. Usage: runtime_linux_timing [rounds]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>

#include "container_fixture.hpp"

namespace gantry::runtime_linux::test {

class Timing : public ContainerTest {
 protected:
  using Clock = std::chrono::steady_clock;
  template <typename Work>
  void measure(std::vector<double>& samples, Work&& work) {
    const auto begin = Clock::now();
    work();
    samples.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
  }
  void print(const char* name, std::vector<double> samples) {
    std::sort(samples.begin(), samples.end());
    std::printf("%-8s min %7.0f  median %7.0f  p95 %7.0f us\n", name, samples.front(), samples[samples.size() / 2],
                samples[samples.size() * 95 / 100]);
  }
};

TEST_F(Timing, calls) {
  std::vector<double> create, start, exit, exec, remove;
  for (int i = 0; i < 100; ++i) {
    const RuntimeCreate wanted = program({"true"});
    RuntimeProcess process;
    measure(create, [&] { process = driver_->create(call_, wanted); });
    measure(start, [&] { driver_->start(call_, wanted.id); });
    measure(exit, [&] { hung_up(process.exit_fd.get()); });
    measure(remove, [&] { driver_->remove(call_, wanted.id, false); });
  }
  const RuntimeCreate host = program({"sleep", "100"});
  driver_->create(call_, host);
  driver_->start(call_, host.id);
  for (int i = 0; i < 100; ++i)
    measure(exec, [&] { hung_up(driver_->exec(call_, exec_request(host.id, "e" + std::to_string(i), {"true"})).exit_fd.get()); });
  print("create", create);
  print("start", start);
  print("exit", exit);
  print("remove", remove);
  print("exec", exec);
  std::ifstream rollup("/proc/" + std::to_string(driver_->reattach(call_, {host.id, ""}).process.pid) + "/stat");
}

TEST_F(Timing, log_throughput) {
  constexpr int megabytes = 200;
  std::ofstream big(root() + "/big");
  const std::string line = std::string(99, 'x') + "\n";
  for (int i = 0; i < megabytes * 10'000; ++i) big << line;
  big.close();
  const RuntimeCreate wanted = program({"cat", "/big"});
  const RuntimeProcess process = driver_->create(call_, wanted);
  std::vector<double> samples;
  measure(samples, [&] {
    driver_->start(call_, wanted.id);
    hung_up(process.exit_fd.get());
  });
  std::printf("log      %.0f MB/s\n", megabytes * 1e6 / samples[0]);
}

} // namespace gantry::runtime_linux::test
