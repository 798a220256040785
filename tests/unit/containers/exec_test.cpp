#include <sys/socket.h>

#include "service_fixture.hpp"

namespace gantry::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ContainerExec : public ServiceTest {
 protected:
  ContainerExec() {
    id = daemon->create("web");
    daemon->run(service().start(id));
  }
  ExecRequest command() {
    ExecRequest request;
    request.cmd = {"ls", "-l"};
    request.attach_stdout = true;
    return request;
  }
  std::string create_exec() { return daemon->run(service().exec_create("web", command())); }
  void start_detached(const std::string& exec_id) {
    ExecStart start;
    start.detach = true;
    daemon->run(service().exec_start(exec_id, std::move(start)));
  }
  std::string id;
};

TEST_F(ContainerExec, goes_from_created_over_running_to_ended) {
  const std::string exec_id = create_exec();
  EXPECT_FALSE(service().exec_inspect(exec_id).running);
  EXPECT_FALSE(service().exec_inspect(exec_id).exit_code);
  start_detached(exec_id);
  EXPECT_TRUE(service().exec_inspect(exec_id).running);
  EXPECT_THAT(service().exec_ids(id), ElementsAre(exec_id));
  daemon->runtime.finish(id, 4, exec_id);
  const Exec ended = service().exec_inspect(exec_id);
  EXPECT_FALSE(ended.running);
  EXPECT_EQ(ended.exit_code, 4);
  EXPECT_THAT(service().exec_ids(id), IsEmpty());
  EXPECT_THAT(daemon->actions(), ElementsAre("create", "start", "exec_create: ls -l", "exec_start: ls -l", "exec_die"));
  EXPECT_EQ(daemon->attribute("exec_die", "exitCode"), "4");
  EXPECT_EQ(daemon->attribute("exec_die", "execID"), exec_id);
}

TEST_F(ContainerExec, is_started_once) {
  const std::string exec_id = create_exec();
  start_detached(exec_id);
  EXPECT_EQ(error_of([&] { service().check_exec_start(exec_id); }).what(), "exec command " + exec_id + " is already running");
  daemon->runtime.finish(id, 0, exec_id);
  (void)service().exec_inspect(exec_id);
  EXPECT_EQ(error_of([&] { service().check_exec_start(exec_id); }).what(), "exec command " + exec_id + " has already run");
}

TEST_F(ContainerExec, needs_a_running_container_and_a_command) {
  EXPECT_STREQ(error_of([&] { daemon->run(service().exec_create("web", {})); }).what(), "No exec command specified");
  daemon->run(service().pause(id));
  EXPECT_STREQ(error_of([&] { create_exec(); }).what(), "Container web is paused, unpause the container before exec");
  daemon->run(service().kill(id, ""));
  EXPECT_EQ(error_of([&] { create_exec(); }).what(), "container " + id + " is not running");
  EXPECT_STREQ(error_of([&] { (void)service().exec_inspect("nope"); }).what(), "No such exec instance: nope");
}

TEST_F(ContainerExec, a_missing_program_is_told_in_the_stream) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const UniqueFd client(ends[0]);
  ExecStart start;
  start.client.reset(ends[1]);
  const std::string exec_id = create_exec();
  daemon->runtime.fail_next_start(
      Error(Code::not_found, "exec: \"foo\": executable file not found in $PATH", std::string("command_not_found")));
  daemon->run(service().exec_start(exec_id, std::move(start)));
  std::string received(1024, '\0');
  received.resize(static_cast<std::size_t>(::recv(client.get(), received.data(), received.size(), MSG_WAITALL)));
  const std::string text =
      "OCI runtime exec failed: exec failed: unable to start container process: exec: \"foo\": executable file not found in "
      "$PATH\r\n";
  EXPECT_EQ(received, std::string("\x01\0\0\0\0\0\0", 7) + static_cast<char>(text.size()) + text);
  EXPECT_EQ(service().exec_inspect(exec_id).exit_code, 127);
}

TEST_F(ContainerExec, a_missing_program_is_an_error_when_detached) {
  const std::string exec_id = create_exec();
  daemon->runtime.fail_next_start(
      Error(Code::forbidden, "exec: \"x\": permission denied", std::string("command_not_executable")));
  EXPECT_EQ(error_of([&] { start_detached(exec_id); }).code(), Code::invalid);
  EXPECT_EQ(service().exec_inspect(exec_id).exit_code, 126);
}

TEST_F(ContainerExec, dies_with_its_container) {
  const std::string exec_id = create_exec();
  start_detached(exec_id);
  daemon->run(service().kill(id, ""));
  daemon->run(service().start(id)); // after the exit was handled to its end
  EXPECT_EQ(service().exec_inspect(exec_id).exit_code, 137);
}

TEST_F(ContainerExec, survives_the_daemon) {
  const std::string exec_id = create_exec(), unstarted = create_exec();
  start_detached(exec_id);
  restart_daemon();
  EXPECT_TRUE(service().exec_inspect(exec_id).running);
  EXPECT_THAT(service().exec_inspect(exec_id).request.cmd, ElementsAre("ls", "-l"));
  EXPECT_EQ(error_of([&] { (void)service().exec_inspect(unstarted); }).code(), Code::not_found);
  daemon->runtime.finish(id, 6, exec_id);
  EXPECT_EQ(service().exec_inspect(exec_id).exit_code, 6);
}

TEST_F(ContainerExec, that_ended_without_a_daemon_has_its_true_code) {
  const std::string exec_id = create_exec();
  start_detached(exec_id);
  daemon->runtime.finish(id, 6, exec_id);
  (void)service().exec_inspect(exec_id);
  restart_daemon();
  EXPECT_EQ(service().exec_inspect(exec_id).exit_code, 6);
}

} // namespace
} // namespace gantry::test
