#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "conformance/runtime_suite.hpp"

namespace gantry::driver_test {

namespace {

using Containers = RuntimeSuite;

bool readable(const UniqueFd& fd) {
  pollfd poll_fd{fd.get(), POLLIN, 0};
  return ::poll(&poll_fd, 1, 0) == 1;
}

/// A zombie does not run: who reaps it is not the driver's promise.
bool runs(std::int32_t pid) {
  const std::string stat = read_text("/proc/" + std::to_string(pid) + "/stat");
  const auto name_end = stat.rfind(") ");
  return name_end != std::string::npos && stat[name_end + 2] != 'Z' && stat[name_end + 2] != 'X';
}

std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

/// Reads until the other end closes, at most 20 s.
std::string read_all(int fd) {
  std::string text;
  char bytes[512];
  for (pollfd p{fd, POLLIN, 0}; ::poll(&p, 1, 20'000) == 1;) {
    const ssize_t n = ::read(fd, bytes, sizeof bytes);
    if (n <= 0) break;
    text.append(bytes, static_cast<std::size_t>(n));
  }
  return text;
}

TEST_F(Containers, features_name_a_version_and_the_cgroups) {
  const RuntimeFeatures features = driver().features();
  EXPECT_FALSE(features.version.empty());
  EXPECT_TRUE(features.cgroup_version == 1 || features.cgroup_version == 2);
}

TEST_F(Containers, the_exit_code_is_that_of_the_program) {
  const RuntimeProcess process = run(request("c", "exit 7"));
  const RuntimeExit exit = wait(process, "c");
  EXPECT_EQ(exit.code, 7);
  EXPECT_EQ(exit.signal, 0);
  EXPECT_GT(exit.time_ns, 0);
}

TEST_F(Containers, nothing_runs_and_nothing_ends_before_start) {
  const RuntimeProcess process = driver().create(call, request("c", "echo ran > /tmp/ran"));
  EXPECT_GT(process.pid, 0);
  EXPECT_FALSE(readable(process.exit_fd));
  EXPECT_FALSE(driver().exit_info(call, "c", "").has_value());
  EXPECT_FALSE(std::filesystem::exists(scratch("rootfs/tmp/ran")));
  driver().start(call, "c");
  EXPECT_EQ(wait(process, "c").code, 0);
  EXPECT_TRUE(std::filesystem::exists(scratch("rootfs/tmp/ran")));
}

TEST_F(Containers, a_signal_that_kills_is_told) {
  const RuntimeProcess process = run(request("c", "sleep 1000"));
  driver().signal(call, {"c", "", SIGKILL, false});
  const RuntimeExit exit = wait(process, "c");
  EXPECT_EQ(exit.code, 137);
  EXPECT_EQ(exit.signal, SIGKILL);
  EXPECT_FAILS(driver().signal(call, {"c", "", SIGKILL, false}), Code::not_found);
}

TEST_F(Containers, a_missing_program_is_told_by_its_reason) {
  driver().create(call, request_argv("c", {"/bin/missing"}));
  try {
    driver().start(call, "c");
    FAIL() << "start succeeded";
  } catch (const Error& e) {
    EXPECT_EQ(e.reason(), "command_not_found") << e.what();
  }
}

TEST_F(Containers, a_file_that_is_no_program_is_told_by_its_reason) {
  driver().create(call, request_argv("c", {"/etc/data"}));
  try {
    driver().start(call, "c");
    FAIL() << "start succeeded";
  } catch (const Error& e) {
    EXPECT_EQ(e.reason(), "command_not_executable") << e.what();
  }
}

TEST_F(Containers, an_id_in_use_is_refused) {
  const RuntimeProcess process = run(request("c", "sleep 1000"));
  EXPECT_FAILS(driver().create(call, request("c", "true")), Code::already_exists);
}

TEST_F(Containers, a_spec_that_is_no_json_is_refused_and_leaves_nothing) {
  RuntimeCreate create = request("c", "true");
  create.oci_spec_json = "{";
  EXPECT_FAILS(driver().create(call, create), Code::invalid);
  EXPECT_EQ(wait(run(request("c", "true")), "c").code, 0);
}

TEST_F(Containers, removing_what_is_missing_is_ok) {
  driver().remove(call, "missing", false);
  driver().remove(call, "missing", true);
}

TEST_F(Containers, a_live_one_is_removed_by_force_only) {
  const RuntimeProcess process = run(request("c", "sleep 1000"));
  EXPECT_FAILS(driver().remove(call, "c", false), Code::forbidden_state);
  driver().remove(call, "c", true);
  EXPECT_FALSE(runs(process.pid));
  EXPECT_TRUE(readable(process.exit_fd));
}

TEST_F(Containers, output_is_logged_before_the_exit_is_seen) {
  const RuntimeProcess process = run(request("c", "echo to stdout; echo to stderr >&2"));
  wait(process, "c");
  const std::string log = read_text(log_path("c"));
  EXPECT_NE(log.find(R"({"log":"to stdout\n","stream":"stdout","time":")"), std::string::npos) << log;
  EXPECT_NE(log.find(R"({"log":"to stderr\n","stream":"stderr","time":")"), std::string::npos) << log;
}

TEST_F(Containers, an_attached_client_gets_framed_output_and_gives_input) {
  RuntimeCreate create = request("c", "read line; echo got $line");
  create.stdio.open_stdin = create.stdio.stdin_once = true;
  const RuntimeProcess process = driver().create(call, create);
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const UniqueFd client(ends[0]);
  RuntimeAttach attach;
  attach.id = "c";
  attach.client = UniqueFd(ends[1]);
  attach.in = attach.out = attach.err = true;
  driver().attach(call, std::move(attach));
  driver().start(call, "c");
  ASSERT_EQ(::write(client.get(), "hello\n", 6), 6);
  EXPECT_EQ(read_all(client.get()), std::string("\1\0\0\0\0\0\0\12got hello\n", 18));
  EXPECT_EQ(wait(process, "c").code, 0);
}

TEST_F(Containers, processes_lists_the_containers_own) {
  const RuntimeProcess process = run(request("c", "sleep 1000"));
  const auto pids = driver().processes(call, "c");
  EXPECT_NE(std::find(pids.begin(), pids.end(), process.pid), pids.end());
}

TEST_F(Containers, a_paused_one_does_not_run) {
  const RuntimeProcess process = run(request("c", "sleep 1000"));
  const auto refused = failure([&] { driver().pause(call, "c"); });
  if (refused == Code::not_implemented) GTEST_SKIP() << "the driver does not implement pause";
  ASSERT_EQ(refused, std::nullopt);
  EXPECT_EQ(driver().reattach(call, {"c", process.state_json}).state, RuntimeState::paused);
  driver().resume(call, "c");
  EXPECT_EQ(driver().reattach(call, {"c", process.state_json}).state, RuntimeState::running);
}

/// A directory of the host with a file in it.
std::string host_directory(const std::string& path, const std::string& text) {
  std::filesystem::create_directories(path);
  std::ofstream(path + "/f") << text << std::flush;
  return path;
}

TEST_F(Containers, a_mount_comes_and_goes_while_it_runs) {
  const RuntimeProcess process =
      run(request("c",
                  "until test -e /new/place/f; do sleep 0.1; done; cat /new/place/f; touch /new/place/x 2>/dev/null || echo "
                  "read-only; while test -e /new/place/f; do sleep 0.1; done; echo gone; sleep 1000"));
  const std::string source = host_directory(scratch("source"), "seen");
  const auto refused = failure([&] { driver().mount(call, "c", {"bind", source, "/new/place", {"rbind", "rprivate", "rro"}}); });
  if (refused == Code::not_implemented) GTEST_SKIP() << "the driver does not implement mount";
  ASSERT_EQ(refused, std::nullopt);
  EXPECT_TRUE(logged("c", "seen")) << read_text(log_path("c"));
  EXPECT_TRUE(logged("c", "read-only")) << read_text(log_path("c"));
  driver().unmount(call, "c", "/new/place");
  EXPECT_TRUE(logged("c", "gone"));
  EXPECT_FAILS(driver().unmount(call, "c", "/new/place"), Code::not_found);
  EXPECT_TRUE(std::filesystem::exists(source + "/f"));
}

TEST_F(Containers, a_mount_covers_another_and_uncovers_it) {
  const RuntimeProcess process = run(request("c", "sleep 1000"));
  const std::string first = host_directory(scratch("first"), "first"), second = host_directory(scratch("second"), "second");
  if (failure([&] { driver().mount(call, "c", {"bind", first, "/m", {"rbind"}}); }) == Code::not_implemented)
    GTEST_SKIP() << "the driver does not implement mount";
  driver().mount(call, "c", {"bind", second, "/m", {"rbind"}});
  auto shows = [&, exec = 0](const std::string& text) mutable {
    const std::string id = "e" + std::to_string(++exec);
    return wait(driver().exec(call, exec_request("c", id, "grep -q " + text + " /m/f")), "c", id).code == 0;
  };
  EXPECT_TRUE(shows("second"));
  driver().unmount(call, "c", "/m");
  EXPECT_TRUE(shows("first"));
  driver().unmount(call, "c", "/m");
  EXPECT_FALSE(shows("first"));
}

TEST_F(Containers, a_mount_that_cannot_be_is_refused) {
  const RuntimeProcess process = run(request("c", "sleep 1000"));
  const Mount good{"bind", host_directory(scratch("source"), "x"), "/m", {"rbind"}};
  if (failure([&] { driver().mount(call, "c", good); }) == Code::not_implemented)
    GTEST_SKIP() << "the driver does not implement mount";
  EXPECT_FAILS(driver().mount(call, "c", {"bind", scratch("missing"), "/m2", {"rbind"}}), Code::not_found);
  EXPECT_FAILS(driver().mount(call, "c", {"bind", good.source, "relative", {"rbind"}}), Code::invalid);
  EXPECT_FAILS(driver().mount(call, "c", {"bind", good.source, "/etc/data", {"rbind"}}), Code::invalid);
  EXPECT_FAILS(driver().mount(call, "missing", good), Code::not_found);
  const RuntimeProcess waiting = driver().create(call, request("w", "true"));
  EXPECT_FAILS(driver().mount(call, "w", good), Code::forbidden_state);
}

TEST_F(Containers, an_exec_runs_in_the_container_and_has_an_exit_code) {
  const RuntimeProcess process = run(request("c", "sleep 1000"));
  const RuntimeProcess exec =
      driver().exec(call, exec_request("c", "e", "test $(cat /proc/sys/kernel/hostname) = conformance && exit 5"));
  EXPECT_EQ(wait(exec, "c", "e").code, 5);
  EXPECT_FALSE(driver().exit_info(call, "c", "").has_value());
}

TEST_F(Containers, a_running_one_is_found_again_after_a_restart) {
  RuntimeProcess process = run(request("c", "echo up; sleep 1000"));
  ASSERT_TRUE(logged("c", "up"));
  restart();
  const RuntimeStatus status = driver().reattach(call, {"c", process.state_json});
  EXPECT_EQ(status.state, RuntimeState::running);
  EXPECT_EQ(status.process.pid, process.pid);
  driver().signal(call, {"c", "", SIGKILL, false});
  EXPECT_EQ(wait(status.process, "c").code, 137);
}

TEST_F(Containers, an_exit_is_not_lost_over_a_restart) {
  const RuntimeProcess process = run(request("c", "exit 9"));
  wait(process, "c");
  restart();
  const RuntimeStatus status = driver().reattach(call, {"c", process.state_json});
  EXPECT_EQ(status.state, RuntimeState::stopped);
  EXPECT_TRUE(readable(status.process.exit_fd));
  EXPECT_EQ(wait(status.process, "c").code, 9);
}

TEST_F(Containers, what_is_gone_cannot_be_reattached) {
  const RuntimeProcess process = run(request("c", "true"));
  wait(process, "c");
  driver().remove(call, "c", false);
  EXPECT_FAILS(driver().reattach(call, {"c", process.state_json}), Code::not_found);
}

TEST_F(Containers, reconcile_removes_what_nobody_knows) {
  const RuntimeProcess known = run(request("known", "sleep 1000"));
  const RuntimeProcess orphan = run(request("orphan", "sleep 1000"));
  driver().reconcile(call, {"known"});
  EXPECT_TRUE(runs(known.pid));
  EXPECT_FALSE(runs(orphan.pid));
  EXPECT_TRUE(readable(orphan.exit_fd));
}

TEST_F(Containers, nothing_is_left_in_the_engine) {
  const std::string mounts = read_text("/proc/self/mountinfo");
  const auto cycle = [&] {
    const RuntimeProcess process = run(request("c", "true"));
    wait(process, "c");
    driver().remove(call, "c", false);
  };
  cycle();
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 5; ++i) cycle();
  EXPECT_EQ(open_descriptors(), before);
  EXPECT_EQ(read_text("/proc/self/mountinfo"), mounts);
}

} // namespace

} // namespace gantry::driver_test
