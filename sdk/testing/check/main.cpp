// gantry-plugin-check: runs the conformance suites on a plugin as the engine would load it. A case that crashes or hangs is
// one failed case.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstring>

#include <gantry/sdk/fd.hpp>

#include "base/error.hpp"
#include "check/cases.hpp"

namespace gantry::check {

namespace {

struct Outcome {
  int status = 0; ///< as from waitpid
  bool timed_out = false;
  std::string output;
};

/// Reads the child's output until it ends; kills it (and, through its process group, what it left) at the deadline.
Outcome watch(pid_t child, const UniqueFd& output, int seconds) {
  Outcome outcome;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
    pollfd readable{output.get(), POLLIN, 0};
    if (left <= 0 || ::poll(&readable, 1, static_cast<int>(left)) == 0) {
      outcome.timed_out = true;
      break;
    }
    char bytes[4096];
    const ssize_t n = ::read(output.get(), bytes, sizeof bytes);
    if (n <= 0) break;
    outcome.output.append(bytes, static_cast<std::size_t>(n));
  }
  if (outcome.timed_out) ::kill(child, SIGKILL);
  ::waitpid(child, &outcome.status, 0);
  return outcome;
}

Outcome run_in_child(const Options& options, const std::string& name) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw os_error("make a pipe", errno);
  UniqueFd read_end(ends[0]), write_end(ends[1]);
  std::fflush(stdout);
  const pid_t child = ::fork();
  if (child < 0) throw os_error("fork", errno);
  if (child == 0) {
    ::dup2(write_end.get(), STDOUT_FILENO);
    ::dup2(write_end.get(), STDERR_FILENO);
    int status = 1;
    try {
      status = run_here(options, name);
    } catch (const std::exception& e) {
      std::printf("%s\n", e.what());
    }
    std::fflush(stdout);
    ::_exit(status);
  }
  write_end.reset();
  return watch(child, read_end, options.seconds);
}

std::string verdict(const Outcome& outcome, int seconds) {
  if (outcome.timed_out) return "did not return within " + std::to_string(seconds) + " s";
  if (WIFSIGNALED(outcome.status)) return "crashed with SIG" + std::string(::sigabbrev_np(WTERMSIG(outcome.status)));
  const int code = WEXITSTATUS(outcome.status);
  return code == 0 ? "ok" : code == 77 ? "skipped" : "failed";
}

int check_all(const Options& options) {
  int failed = 0, total = 0;
  for (const auto& name : cases_for(options)) {
    const Outcome outcome = run_in_child(options, name);
    const std::string said = verdict(outcome, options.seconds);
    ++total;
    std::printf("%-72s %s\n", name.c_str(), said.c_str());
    if (said == "ok") continue;
    if (said != "skipped") ++failed;
    std::printf("%s", outcome.output.c_str());
  }
  std::printf("%d of %d cases failed\n", failed, total);
  return failed == 0 ? 0 : 1;
}

} // namespace

} // namespace gantry::check

int main(int argc, char** argv) {
  const auto options = gantry::check::parse(argc, argv);
  ::testing::InitGoogleTest();
  try {
    return gantry::check::check_all(options);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "gantry-plugin-check: %s\n", e.what());
    return 1;
  }
}
