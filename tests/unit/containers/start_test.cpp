#include "service_fixture.hpp"

namespace gantry::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ContainerStart : public ServiceTest {};

TEST_F(ContainerStart, runs_the_container) {
  const std::string id = daemon->create("web");
  EXPECT_EQ(daemon->run(service().start("web")), Changed::yes);
  EXPECT_EQ(daemon->phase(id), Phase::running);
  EXPECT_EQ(service().find(id)->pid, ::getpid());
  EXPECT_NE(service().find(id)->started_ns, 0);
  EXPECT_EQ(daemon->runtime.state(id), "running");
  EXPECT_THAT(daemon->actions(), ElementsAre("create", "start"));
}

TEST_F(ContainerStart, changes_nothing_when_it_runs_already) {
  const std::string id = daemon->create();
  daemon->run(service().start(id));
  EXPECT_EQ(daemon->run(service().start(id)), Changed::no);
}

TEST_F(ContainerStart, refuses_a_paused_container) {
  const std::string id = daemon->create();
  daemon->run(service().start(id));
  daemon->run(service().pause(id));
  const Error error = error_of([&] { daemon->run(service().start(id)); });
  EXPECT_EQ(error.code(), Code::forbidden_state);
  EXPECT_STREQ(error.what(), "cannot start a paused container, try unpause instead");
}

TEST_F(ContainerStart, a_missing_program_leaves_it_created_with_code_127) {
  const std::string id = daemon->create();
  daemon->runtime.fail_next_start(
      Error(Code::not_found, "exec: \"foo\": executable file not found in $PATH", std::string("command_not_found")));
  const Error error = error_of([&] { daemon->run(service().start(id)); });
  EXPECT_EQ(error.code(), Code::invalid);
  EXPECT_STREQ(error.what(),
               "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create "
               "failed: unable to start container process: exec: \"foo\": executable file not found in $PATH");
  const ContainerPtr container = service().find(id);
  EXPECT_EQ(container->phase, Phase::created);
  EXPECT_EQ(container->exit_code, 127);
  EXPECT_EQ(container->error, error.what());
  EXPECT_EQ(daemon->runtime.state(id), "");
  EXPECT_EQ(daemon->run(service().start(id)), Changed::yes);
  EXPECT_EQ(service().find(id)->error, "");
}

TEST_F(ContainerStart, a_program_that_is_not_executable_is_126_and_everything_else_128) {
  const std::string id = daemon->create();
  daemon->runtime.fail_next_start(
      Error(Code::forbidden, "exec: \"/x\": permission denied", std::string("command_not_executable")));
  error_of([&] { daemon->run(service().start(id)); });
  EXPECT_EQ(service().find(id)->exit_code, 126);
  daemon->runtime.fail_next_start(Error(Code::internal, "unable to find user nobody: no matching entries in passwd file"));
  const Error error = error_of([&] { daemon->run(service().start(id)); });
  EXPECT_STREQ(error.what(), "unable to find user nobody: no matching entries in passwd file");
  EXPECT_EQ(service().find(id)->exit_code, 128);
}

TEST_F(ContainerStart, a_failed_start_of_an_exited_container_leaves_it_exited) {
  const std::string id = daemon->create();
  daemon->run(service().start(id));
  daemon->run(service().kill(id, ""));
  daemon->runtime.fail_next_start(Error(Code::internal, "no"));
  error_of([&] { daemon->run(service().start(id)); });
  EXPECT_EQ(daemon->phase(id), Phase::exited);
}

TEST_F(ContainerStart, a_failed_start_removes_a_container_with_auto_remove_and_wakes_who_waits_for_that) {
  CreateRequest request = daemon->request();
  request.host_config.auto_remove = true;
  const std::string id = daemon->create(std::move(request));
  auto waiter = service().wait(id, WaitCondition::removed);
  daemon->runtime.fail_next_start(Error(Code::not_found, "no", std::string("command_not_found")));
  error_of([&] { daemon->run(service().start(id)); });
  EXPECT_EQ(daemon->run(waiter->result()).status_code, 127);
  EXPECT_EQ(error_of([&] { (void)service().find(id); }).code(), Code::not_found);
}

TEST_F(ContainerStart, hands_rotation_and_terminal_to_the_runtime) {
  CreateRequest request = daemon->request();
  request.config.tty = true;
  request.host_config.console_rows = 24;
  request.host_config.console_cols = 80;
  const std::string id = daemon->create(std::move(request));
  daemon->run(service().start(id));
  const RuntimeCreate create = daemon->runtime.last_create();
  EXPECT_EQ(create.id, id);
  EXPECT_TRUE(create.stdio.tty);
  EXPECT_EQ(create.stdio.rows, 24);
  EXPECT_EQ(create.stdio.cols, 80);
  EXPECT_EQ(create.log.path, daemon->paths.container_log(id));
  EXPECT_GT(create.log.max_bytes, 0U);
}

TEST_F(ContainerStart, an_exit_is_recorded_with_its_code_and_events) {
  const std::string id = daemon->create();
  daemon->run(service().start(id));
  auto waiter = service().wait(id, WaitCondition::next_exit);
  daemon->runtime.finish(id, 3);
  EXPECT_EQ(daemon->run(waiter->result()).status_code, 3);
  EXPECT_EQ(daemon->phase(id), Phase::exited);
  EXPECT_EQ(service().find(id)->exit_code, 3);
  EXPECT_EQ(service().find(id)->pid, 0);
  // Waits for the monitor's turn to end.
  daemon->run(service().start(id));
  EXPECT_THAT(daemon->actions(), ElementsAre("create", "start", "die", "start"));
  EXPECT_EQ(daemon->attribute("die", "exitCode"), "3");
  EXPECT_EQ(daemon->attribute("die", "execDuration"), "0");
}

TEST_F(ContainerStart, auto_remove_removes_after_the_exit) {
  CreateRequest request = daemon->request();
  request.host_config.auto_remove = true;
  const std::string id = daemon->create(std::move(request));
  daemon->run(service().start(id));
  auto waiter = service().wait(id, WaitCondition::removed);
  daemon->runtime.finish(id, 5);
  EXPECT_EQ(daemon->run(waiter->result()).status_code, 5);
  EXPECT_THAT(daemon->actions(), ElementsAre("create", "start", "die", "destroy"));
  EXPECT_THAT(daemon->storage.active(), ::testing::IsEmpty());
}

TEST_F(ContainerStart, joins_a_namespace_through_a_descriptor_that_stays_with_it) {
  const std::string donor = daemon->create("donor");
  daemon->run(service().start(donor));
  CreateRequest request = daemon->request("guest");
  request.host_config.pid_mode = "container:donor";
  daemon->run(service().start(daemon->create(std::move(request))));
  const Json spec = Json::parse(daemon->runtime.last_create().oci_spec_json);
  std::string path;
  for (const auto& each : spec["linux"]["namespaces"])
    if (each["type"] == "pid") path = each.value("path", "");
  EXPECT_THAT(path, ::testing::StartsWith("/proc/" + std::to_string(::getpid()) + "/fd/"));
}

TEST_F(ContainerStart, never_joins_a_process_that_has_a_dead_containers_pid) {
  daemon->run(service().start(daemon->create("donor")));
  CreateRequest request = daemon->request("guest");
  request.host_config.pid_mode = "container:donor";
  const std::string guest = daemon->create(std::move(request));
  daemon->runtime.lose_processes();
  const Error error = error_of([&] { daemon->run(service().start(guest)); });
  EXPECT_EQ(error.code(), Code::forbidden_state);
  EXPECT_THAT(error.what(), ::testing::EndsWith("is not running"));
}

} // namespace
} // namespace gantry::test
