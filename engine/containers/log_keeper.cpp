#include "containers/log_keeper.hpp"

#include <condition_variable>

#include "base/error.hpp"
#include "base/log.hpp"
#include "containers/log_files.hpp"
#include "containers/log_identity.hpp"

namespace gantry::containers {
namespace {

constexpr std::size_t threads = 4;
constexpr std::chrono::milliseconds compress_pause{200};

} // namespace

struct LogKeeper::Job {
  std::string id, path;
  bool compress = false;
  std::unique_ptr<LogDelivery> delivery;
  std::shared_ptr<LogWatch::Watched> changed = std::make_shared<LogWatch::Watched>();

  std::mutex guard;
  std::condition_variable ended_or_idle;
  bool finishing = false; ///< end when there is nothing to deliver, or it cannot be delivered
  bool ended = false;

  bool is_finishing() {
    const std::lock_guard lock(guard);
    return finishing;
  }
  void finish() {
    {
      const std::lock_guard lock(guard);
      finishing = true;
    }
    changed->wake();
  }
  void end() {
    const std::lock_guard lock(guard);
    ended = true;
    ended_or_idle.notify_all();
  }
  bool wait_for_end(std::chrono::milliseconds limit) {
    std::unique_lock lock(guard);
    return ended_or_idle.wait_for(lock, limit, [this] { return ended; });
  }
};

LogKeeper::LogKeeper(Background& background, const state::Paths& paths, LogDrivers drivers)
    : background_(background), paths_(paths), drivers_(std::move(drivers)) {}

std::shared_ptr<LogTarget> LogKeeper::target_of(const LogConfig& config) {
  std::string key = config.type;
  for (const auto& [name, value] : driver_settings(config)) key += '\n' + name + '=' + value;
  auto target = targets_[key].lock();
  if (!target) {
    target = std::make_shared<LogTarget>();
    targets_[key] = target;
  }
  return target;
}

LogKeeper::JobPtr LogKeeper::make_job(const Container& container) {
  const LogConfig& config = container.host_config.log_config;
  if (config.type == "none") return nullptr;
  const LogSetup setup = read_log_options(config, drivers_);
  auto job = std::make_shared<Job>();
  job->id = container.id;
  job->path = paths_.container_log(container.id);
  job->compress = setup.compress;
  if (const auto driver = drivers_.find(config.type); driver != drivers_.end()) {
    job->delivery = std::make_unique<LogDelivery>(*driver->second, log_source(container), config.type, job->path,
                                                  setup.backlog_bytes, target_of(config));
  }
  if (!job->compress && !job->delivery) return nullptr;
  watch_.add(paths_.container(container.id), job->changed);
  return job;
}

void LogKeeper::keep(const Container& container) {
  JobPtr job;
  {
    const std::lock_guard lock(guard_);
    if (jobs_.contains(container.id)) return;
    try {
      job = make_job(container);
    } catch (const Error& e) {
      log::warn("container " + container.id + ": its log is not looked after: " + e.what());
    }
    if (!job) return;
    jobs_[container.id] = job;
    if (!pool_) pool_ = std::make_unique<Pool>(threads);
    if (!watching_) background_.spawn([this] { return watch(); });
    watching_ = true;
  }
  background_.spawn([this, job] { return run(job); });
}

Task<void> LogKeeper::watch() {
  for (;;) {
    co_await readable(watch_.fd());
    watch_.dispatch();
  }
}

/// True when it is worth to go on at once.
Task<bool> LogKeeper::round(JobPtr job) {
  auto work = [job] {
    if (job->compress) {
      try {
        compress_rotated_logs(job->path);
      } catch (const Error& e) {
        log::warn("container " + job->id + ": " + e.what());
      }
    }
    return job->delivery ? job->delivery->step() : LogDelivery::Step::idle;
  };
  const LogDelivery::Step step = co_await on(*pool_, std::move(work));
  if (step == LogDelivery::Step::more) co_return true;
  if (step == LogDelivery::Step::wait && !job->is_finishing()) {
    // Not ended by new lines, of which there may be many; by the end of the container's log only.
    Latch changed = job->changed->next();
    const auto until = LogTarget::Clock::now() + job->delivery->delay();
    while (!job->is_finishing() && LogTarget::Clock::now() < until) {
      const bool woken = co_await changed.wait_for(until - LogTarget::Clock::now());
      if (woken) changed = job->changed->next();
    }
    co_return true;
  }
  co_return false;
}

Task<void> LogKeeper::run(JobPtr job) {
  struct End {
    JobPtr job;
    ~End() { job->end(); }
  } end{job};
  for (;;) {
    Latch changed = job->changed->next();
    const bool go_on = co_await round(job);
    if (go_on) continue;
    if (job->is_finishing()) break;
    co_await changed.wait();
    // A busy log grows thousands of times a second; compression can wait until some of it is together.
    if (!job->delivery) {
      Latch later;
      co_await later.wait_for(compress_pause);
    }
  }
}

void LogKeeper::finish(const std::string& id, std::chrono::milliseconds limit) {
  JobPtr job;
  {
    const std::lock_guard lock(guard_);
    const auto found = jobs_.find(id);
    if (found == jobs_.end()) return;
    job = found->second;
    jobs_.erase(found);
  }
  job->finish();
  if (job->delivery && !job->wait_for_end(limit)) {
    job->delivery->cancel();
    log::warn("container " + id + ": it is removed before its last log lines could be delivered");
  }
  watch_.forget(job->changed);
}

void LogKeeper::stop() {
  const std::lock_guard lock(guard_);
  for (const auto& [id, job] : jobs_) {
    if (job->delivery) job->delivery->cancel();
  }
}

std::optional<DeliveryState> LogKeeper::delivery(const std::string& id) const {
  const std::lock_guard lock(guard_);
  const auto found = jobs_.find(id);
  if (found == jobs_.end() || !found->second->delivery) return std::nullopt;
  return found->second->delivery->state();
}

} // namespace gantry::containers
