#include "daemon/daemon.hpp"

#include <malloc.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_future.hpp>

#include "base/error.hpp"
#include "base/log.hpp"
#include "containers/selinux/kernel.hpp"
#include "daemon/notify.hpp"
#include "daemon/reload.hpp"
#include "daemon/services.hpp"

namespace gantry::daemon {

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// What a cancelled pull left behind waits so long for the next attempt.
constexpr std::int64_t partial_life_s = 7 * 24 * 3600;

/// An idle daemon is small: few arenas, and freed memory goes back.
void keep_memory_small() {
  ::mallopt(M_ARENA_MAX, 2);
  ::mallopt(M_TRIM_THRESHOLD, 128 << 10);
  ::mallopt(M_MMAP_THRESHOLD, 128 << 10);
}

void load_embedded_images(images::ImageService& images, const std::string& share) {
  std::error_code failed;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(share, failed)) {
    if (entry.path().filename().string().find(".tar") != std::string::npos) images.ensure_embedded(entry.path());
  }
}

/// The daemon runs without, as dockerd does: the setting may be one of many machines'.
void warn_about_selinux(const config::Config& config) {
  namespace selinux = containers::selinux;
  if (!config.selinux_enabled || selinux::find_policy().enabled()) return;
  log::warn(selinux::kernel_has_policy() ? "SELinux: the policy knows no containers (container_t); they are not labelled"
                                         : "Gantry could not enable SELinux on the host system");
}

void open(Services& services, const InstallTree& tree) {
  warn_about_selinux(*services.config.get());
  // Bound first, so that a taken address fails before anything is touched; clients queue until start().
  services.server.open();
  services.images.collect_garbage();
  services.registries.clean(partial_life_s);
  services.networks.start();
  auto& io = services.io.context();
  asio::co_spawn(io, services.containers.recover(), asio::use_future).get();
  services.builds.end_abandoned_steps();
  load_embedded_images(services.images, tree.share);
  services.server.start();
  services.store_keeper.start();
  for (const auto& endpoint : services.server.endpoints()) log::info("API listen on " + endpoint);
  ::malloc_trim(0);
  notify("READY=1");
}

/// Containers get their own stop timeout at least, as in dockerd. Negative: for ever.
std::int64_t shutdown_timeout_s(const config::Config& config) {
  if (config.shutdown_timeout_s < 0 || config.stop_timeout_s < 0) return -1;
  return std::max(config.shutdown_timeout_s, config.stop_timeout_s + 5);
}

Task<void> shut_down(Services& services) {
  notify("STOPPING=1");
  const auto config = services.config.get();
  Latch stopped;
  auto ended = [stopped](std::exception_ptr failure) mutable {
    try {
      if (failure) std::rethrow_exception(failure);
    } catch (const std::exception& e) {
      log::error(std::string("shut down containers: ") + e.what());
    }
    stopped.set();
  };
  asio::co_spawn(services.io.context(), services.containers.shutdown(!config->live_restore), ended);
  const auto timeout = shutdown_timeout_s(*config);
  if (timeout < 0) {
    co_await stopped.wait();
  } else {
    const bool in_time = co_await stopped.wait_for(std::chrono::seconds(timeout));
    if (!in_time) log::warn("containers did not stop in " + std::to_string(timeout) + " s: they are left to the next gantryd");
  }
  co_await services.server.stop(500ms);
}

Task<void> live(Services& services, const config::CommandLine& line, asio::signal_set& signals) {
  for (;;) {
    const int signo = co_await signals.async_wait(asio::use_awaitable);
    if (signo != SIGHUP) {
      log::info(std::string("shutting down on ") + (signo == SIGTERM ? "SIGTERM" : "SIGINT"));
      break;
    }
    auto job = [&services, &line] { reload(services, line); };
    co_await on(services.pool, std::move(job));
  }
  // From here on a second signal has its default effect; dying at any moment loses nothing.
  signals.clear();
  co_await shut_down(services);
}

} // namespace

int run(const config::CommandLine& line, config::Config config) {
  ::umask(022);
  keep_memory_small();
  log::set_level(config.effective_log_level());
  for (const auto& warning : config.warnings) log::warn(warning);
  const auto tree = find_install_tree();
  Services services(std::move(config), tree);
  asio::signal_set signals(services.io.context(), SIGTERM, SIGINT, SIGHUP);
  open(services, tree);
  asio::co_spawn(services.io.context(), live(services, line, signals), asio::use_future).get();
  if (!services.io.drain(1s)) {
    // Something still waits in a driver or for a client. Tearing the services down under it would be worse than leaving:
    // the state on disk is complete at every moment.
    log::debug("leaving with work in flight");
    services.pid_file.remove();
    std::_Exit(0);
  }
  return 0;
}

} // namespace gantry::daemon
