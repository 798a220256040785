#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <string_view>

#include <gantry/sdk/fd.hpp>

#include "containers/stats_sample.hpp"

namespace gantry::containers {

HostCpu read_host_cpu() {
  constexpr int fields = 8; // user nice system idle iowait irq softirq steal; guest time is part of user already
  HostCpu host;
  host.cpus = static_cast<std::uint32_t>(::sysconf(_SC_NPROCESSORS_ONLN));
  const UniqueFd stat(::open("/proc/stat", O_RDONLY | O_CLOEXEC));
  char text[512]; // the first line is enough
  const ssize_t size = stat ? ::read(stat.get(), text, sizeof text) : 0;
  const char* at = text;
  const char* const end = text + std::max<ssize_t>(size, 0);
  std::uint64_t ticks = 0;
  for (int i = 0; i < fields; ++i) {
    while (at != end && (*at < '0' || *at > '9')) ++at;
    std::uint64_t value = 0;
    at = std::from_chars(at, end, value).ptr;
    ticks += value;
  }
  host.total_ns = ticks * (1'000'000'000ULL / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK)));
  return host;
}

} // namespace gantry::containers
