#include "containers/explanation.hpp"

#include "containers/explain_words.hpp"
#include "containers/memory_limit.hpp"
#include "containers/restart_policy.hpp"
#include "containers/signals.hpp"

namespace gantry::containers {
namespace {

using Sentences = std::vector<std::string>;

std::string ago(std::int64_t then_ns, std::int64_t now_ns) { return duration_words(now_ns - then_ns) + " ago"; }

/// The history may be empty: a container of an earlier release.
Run last_run(const Container& container) {
  if (!container.history.runs.empty()) return container.history.runs.back();
  Run run;
  run.started_ns = container.started_ns;
  run.finished_ns = container.finished_ns;
  run.exit_code = container.exit_code;
  run.ended_by = container.oom_killed ? "memory" : "itself";
  return run;
}

std::string memory_sentence(const Run& run) {
  if (run.memory_limit_hit && run.memory_limit != 0) {
    return "The kernel killed it for its memory: it reached its own limit of " + size_words(run.memory_limit) + " (peak " +
           size_words(run.memory_peak) + "). Give it more with --memory, or let it use less";
  }
  return "The kernel killed it for memory that ran out outside: on the host, or in a parent cgroup (its own peak was " +
         size_words(run.memory_peak) + ", " +
         (run.memory_limit == 0 ? std::string("it has no limit") : "its limit is " + size_words(run.memory_limit)) + ")";
}

std::string asked_sentence(const Run& run, const EndRequest& request) {
  const std::string who = run.ended_by == "stop"        ? "It was stopped by a user"
                          : run.ended_by == "kill"      ? "It was killed by a user"
                          : run.ended_by == "shutdown"  ? "It was stopped because the daemon shut down"
                          : run.ended_by == "unhealthy" ? "The engine ended it because it was unhealthy"
                                                        : "It was ended by: " + run.ended_by;
  if (request.signal == 0) return who;
  const bool harder = run.signal == 9 && request.signal != 9;
  return who + " with " + signal_name(request.signal) + (harder ? ", and with SIGKILL after its grace period" : "");
}

/// What an exit code says by convention.
std::string code_sentence(std::int32_t code) {
  if (code == 0) return "Its program ended by itself, without an error";
  if (code == 126) return "Its program ended by itself with code 126: a shell could not execute a command";
  if (code == 127) return "Its program ended by itself with code 127: a shell did not find a command";
  if (code > 128 && is_linux_signal(code - 128)) {
    return "Its program ended by itself with code " + std::to_string(code) + ", which means " + signal_name(code - 128) +
           " to a process inside";
  }
  return "Its program ended by itself with code " + std::to_string(code) + ": its log may say why";
}

std::string signal_sentence(std::int32_t signal) {
  if (signal == 11 || signal == 7 || signal == 6 || signal == 8 || signal == 4) {
    return "Its program crashed: " + signal_name(signal);
  }
  return signal_name(signal) + " ended it, which did not come through this engine";
}

std::string cause_of(const Run& run, const EndRequest& request) {
  if (run.ended_by == "memory") return memory_sentence(run);
  if (run.ended_by == "lost") return "Nothing is left of its process: the host was restarted, or somebody killed its shim";
  if (run.ended_by == "signal") return signal_sentence(run.signal);
  if (run.ended_by == "itself") return code_sentence(run.exit_code);
  return asked_sentence(run, request);
}

/// Why nothing starts it again.
std::string policy_sentence(const Container& container) {
  const std::string& policy = container.host_config.restart_policy.name;
  if (policy.empty() || policy == "no") return "It has no restart policy, so it stays as it is until somebody starts it";
  if (container.manually_stopped) return "Its restart policy \"" + policy + "\" does not apply: a user ended it";
  if (policy == "on-failure" && container.exit_code != 0) {
    return "Its restart policy \"on-failure\" has used up its " +
           std::to_string(container.host_config.restart_policy.maximum_retry_count) + " restarts";
  }
  if (policy == "on-failure") return "Its restart policy \"on-failure\" does not apply: it did not fail";
  return "Its restart policy \"" + policy + "\" starts it again when the daemon starts";
}

void explain_failed_start(const Container& container, Sentences& out) {
  const StartRecord& start = container.history.start;
  if (start.failed_step.empty()) return;
  out.push_back("The last start failed in the step \"" + start.failed_step + "\": " + container.error);
}

/// The last result, without what would fill a screen.
std::string last_probe(const Health& health) {
  if (health.log.empty()) return "";
  const ProbeResult& last = health.log.back();
  constexpr std::size_t longest = 200;
  std::string text = last.output.substr(0, last.output.find('\n'));
  if (text.size() > longest) text = text.substr(0, longest) + " ...";
  return ": the last one " +
         (last.exit_code == 0 ? std::string("succeeded") : "failed with code " + std::to_string(last.exit_code)) +
         (text.empty() ? "" : " and said \"" + text + "\"");
}

void explain_health(const Container& container, Sentences& out) {
  if (!container.health) return;
  const Health& health = *container.health;
  const std::string failed =
      health.failing_streak == 1 ? "1 check has failed" : std::to_string(health.failing_streak) + " checks in a row have failed";
  if (health.status == HealthStatus::unhealthy && health.failing_streak != 0) {
    out.push_back("It is unhealthy: " + failed + last_probe(health));
  } else if (health.status == HealthStatus::starting) {
    out.push_back("It is not known to be healthy yet" + last_probe(health));
  } else if (health.status == HealthStatus::healthy && health.failing_streak != 0) {
    out.push_back("It still counts as healthy, but " + failed + last_probe(health));
  }
}

void explain_exited(const Container& container, const Moment& moment, Sentences& out) {
  const Run run = last_run(container);
  out.push_back("It is not running: it exited with code " + std::to_string(container.exit_code) + ' ' +
                ago(container.finished_ns, moment.now_ns) + ", after a run of " +
                duration_words(run.finished_ns - run.started_ns));
  if (!container.history.start.failed_step.empty()) return explain_failed_start(container, out);
  out.push_back(cause_of(run, container.history.end_request));
  if (run.ended_by == "unhealthy" && container.health) out.push_back("Its health checks failed" + last_probe(*container.health));
  out.push_back(policy_sentence(container));
}

void explain_restarting(const Container& container, const Moment& moment, Sentences& out) {
  const auto left = moment.restart_at_ns - moment.now_ns;
  out.push_back("It is not running: its restart policy \"" + container.host_config.restart_policy.name + "\" starts it again " +
                (left > 0 ? "in " + duration_words(left) : std::string("now")) + ", restart " +
                std::to_string(container.restart_count + 1) + " since a user started it");
  out.push_back("Its last run ended with code " + std::to_string(container.exit_code) + " after " +
                duration_words(container.finished_ns - container.started_ns));
  out.push_back(cause_of(last_run(container), container.history.end_request));
}

void explain_created(const Container& container, Sentences& out) {
  if (container.history.start.failed_step.empty()) {
    out.push_back(container.phase == Phase::starting ? "It is being started" : "It is not running: nobody has started it yet");
    return;
  }
  out.push_back("It is not running: it could not be started");
  explain_failed_start(container, out);
}

/// A number of the driver's further counters; 0 where it does not count.
double number_at(const Json& extra, const std::string& pointer) {
  const Json::json_pointer at(pointer);
  return extra.contains(at) && extra[at].is_number() ? extra[at].get<double>() : 0;
}

std::string count_words(double count) { return std::to_string(static_cast<std::uint64_t>(count)); }

void explain_cpu(const Json& extra, Sentences& out) {
  const std::string at = "/cpu_stats/throttling_data/";
  const double held = number_at(extra, at + "throttled_periods"), all = number_at(extra, at + "periods");
  if (held == 0) return;
  out.push_back("Its CPU limit held it back in " + count_words(held) + " of " + count_words(all) + " periods (" +
                share_words(held, all) + "), for " +
                duration_words(static_cast<std::int64_t>(number_at(extra, at + "throttled_time"))) + " in all");
}

void explain_memory(const RuntimeStats& stats, const Json& extra, Sentences& out) {
  const double kills = number_at(extra, "/memory_stats/oom_kills"), hits = number_at(extra, "/memory_stats/failcnt");
  const std::uint64_t limit = own_memory_limit(stats);
  if (kills != 0) out.push_back("The kernel has killed " + count_words(kills) + " of its processes for memory in this run");
  if (limit != 0 && stats.memory_usage >= limit - limit / 10) {
    out.push_back("Its memory is at " + share_words(static_cast<double>(stats.memory_usage), static_cast<double>(limit)) +
                  " of its limit of " + size_words(limit));
  }
  if (limit != 0 && hits != 0) out.push_back("It has run into its memory limit " + count_words(hits) + " times");
}

void explain_pids(const RuntimeStats& stats, Sentences& out) {
  constexpr std::uint64_t no_limit = std::uint64_t{1} << 62;
  if (stats.pids_limit == 0 || stats.pids_limit >= no_limit || stats.pids < stats.pids_limit) return;
  out.push_back("It has as many processes as it may have (" + std::to_string(stats.pids_limit) + "): new ones fail");
}

void explain_pressure(const Json& extra, Sentences& out) {
  constexpr double worth_saying = 5;
  for (const auto& [key, what] :
       {std::pair("cpu", "a CPU"), std::pair("memory", "memory"), std::pair("io", "input and output")}) {
    const double share = number_at(extra, std::string("/pressure_stats/") + key + "/some/avg10");
    if (share < worth_saying) continue;
    out.push_back(std::string("In the last 10 s it waited ") + share_words(share, 100) + " of the time for " + what);
  }
}

void explain_load(const Moment& moment, Sentences& out) {
  if (!moment.stats) return;
  const Json parsed = Json::parse(moment.stats->extra_json, nullptr, false);
  const Json extra = parsed.is_object() ? parsed : Json::object();
  explain_cpu(extra, out);
  explain_memory(*moment.stats, extra, out);
  explain_pids(*moment.stats, out);
  explain_pressure(extra, out);
}

void explain_running(const Container& container, const Moment& moment, Sentences& out) {
  out.push_back("It has been running for " + duration_words(moment.now_ns - container.started_ns));
  if (container.restart_count != 0) {
    out.push_back("Its restart policy has restarted it " + std::to_string(container.restart_count) +
                  " times since a user started it; the run before ended " + ago(last_run(container).finished_ns, moment.now_ns) +
                  " with code " + std::to_string(last_run(container).exit_code));
    out.push_back(cause_of(last_run(container), {}));
  }
  explain_health(container, out);
  explain_load(moment, out);
}

} // namespace

std::vector<std::string> explain(const Container& container, const Moment& moment) {
  Sentences out;
  switch (container.phase) {
    case Phase::created:
    case Phase::starting:
      explain_created(container, out);
      break;
    case Phase::running:
      explain_running(container, moment, out);
      break;
    case Phase::paused:
      out.push_back("It has been paused for " + duration_words(moment.now_ns - container.paused_ns) +
                    ": its processes do not run until it is unpaused");
      explain_load(moment, out);
      break;
    case Phase::restarting:
      explain_restarting(container, moment, out);
      break;
    case Phase::exited:
      explain_exited(container, moment, out);
      break;
    case Phase::removing:
      out.push_back("It is being removed");
      break;
    case Phase::dead:
      out.push_back("Its removal failed half-way, remove it again: " + container.error);
      break;
  }
  return out;
}

} // namespace gantry::containers
