#include <spawn.h>
#include <sys/wait.h>

#include <filesystem>

#include "containers/failpoints.hpp"
#include "service_fixture.hpp"

// A child process goes through the life of containers and dies by SIGKILL at a failpoint; then a new daemon recovers what it
// left behind.
namespace gantry::test {
namespace {

/// What the child does: every verb passes its failpoints.
void live(Daemon& daemon) {
  ContainerService& service = *daemon.service;
  const std::string id = daemon.create("one");
  daemon.run(service.start(id));
  UpdateRequest limits;
  limits.resources.pids_limit = 10;
  limits.mounts.add = Json::array({{{"Type", "bind"}, {"Source", "/"}, {"Target", "/host"}}});
  daemon.run(service.update(id, std::move(limits)));
  UpdateRequest unmount;
  unmount.mounts.remove = {"/host"};
  daemon.run(service.update(id, std::move(unmount)));
  ExecRequest request;
  request.cmd = {"ls"};
  ExecStart start;
  start.detach = true;
  daemon.run(service.exec_start(daemon.run(service.exec_create(id, std::move(request))), std::move(start)));
  daemon.runtime.ignore_signal(15);
  StopOptions at_once;
  at_once.timeout_s = 0;
  daemon.run(service.stop(id, at_once));
  daemon.run(service.start(id));
  auto waiter = service.wait(id, WaitCondition::next_exit);
  daemon.runtime.finish(id, 3);
  (void)daemon.run(waiter->result());
  daemon.run(service.remove(id, {}));
}

TEST(CrashScenario, DISABLED_child) {
  const char* root = std::getenv("GANTRY_CRASH_ROOT");
  ASSERT_NE(root, nullptr) << "run by ContainerCrash only";
  Daemon daemon(root);
  daemon.add_image();
  live(daemon);
}

/// Runs the scenario in a child with the failpoint set; its wait status.
int run_child(const std::string& root, const std::string& failpoint) {
  const std::string faults = "GANTRY_FAILPOINTS=" + failpoint + "=kill", where = "GANTRY_CRASH_ROOT=" + root;
  std::string program = "/proc/self/exe", filter = "--gtest_filter=CrashScenario.DISABLED_child",
              also = "--gtest_also_run_disabled_tests", brief = "--gtest_brief=1";
  char* argv[] = {program.data(), filter.data(), also.data(), brief.data(), nullptr};
  std::vector<char*> environment = {const_cast<char*>(faults.c_str()), const_cast<char*>(where.c_str())};
  for (char** variable = environ; *variable; ++variable) environment.push_back(*variable);
  environment.push_back(nullptr);
  pid_t pid = -1;
  if (::posix_spawn(&pid, program.c_str(), nullptr, nullptr, argv, environment.data()) != 0) return -1;
  int status = -1;
  ::waitpid(pid, &status, 0);
  return status;
}

void expect_converged(Daemon& daemon) {
  std::set<std::string> known, running;
  for (const auto& container : daemon.service->list()) {
    EXPECT_TRUE(container->phase == Phase::created || container->phase == Phase::running || container->phase == Phase::exited)
        << to_string(container->phase);
    known.insert(container->id);
    if (container->phase == Phase::running) running.insert(container->id);
    EXPECT_TRUE(std::filesystem::exists(daemon.paths.container(container->id)));
    EXPECT_FALSE(std::filesystem::exists(daemon.paths.container(container->id) + "/updating"));
  }
  EXPECT_EQ(daemon.storage.active(), known);
  EXPECT_EQ(daemon.runtime.ids(), running);
  for (const auto& item : std::filesystem::directory_iterator(daemon.paths.containers())) {
    EXPECT_TRUE(known.contains(item.path().filename())) << item.path();
  }
}

/// And what is left can be used.
void expect_usable(Daemon& daemon) {
  RemoveOptions force;
  force.force = true;
  for (const auto& container : daemon.service->list()) {
    if (container->phase != Phase::running) daemon.run(daemon.service->start(container->id));
    daemon.run(daemon.service->remove(container->id, force));
  }
  daemon.create("one");
}

class ContainerCrash : public ::testing::TestWithParam<const char*> {};

TEST_P(ContainerCrash, converges_after_sigkill) {
  const TempDir root;
  const int status = run_child(root.path(), GetParam());
  ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "the failpoint was not reached: status " << status;
  Daemon daemon(root.path());
  daemon.run(daemon.service->recover());
  expect_converged(daemon);
  expect_usable(daemon);
}

std::string point_name(const ::testing::TestParamInfo<const char*>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Failpoints, ContainerCrash, ::testing::ValuesIn(failpoints), point_name);

} // namespace
} // namespace gantry::test
