// Containers whose processes an OCI runtime of the machine makes. Every case runs with each of them that is installed.
#include <sys/socket.h>
#include <unistd.h>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "container_fixture.hpp"

namespace gantry::runtime_linux::test {

namespace fs = std::filesystem;

class External : public ContainerTest, public ::testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    const std::string path = std::string("/usr/bin/") + (fs::exists(std::string("/usr/bin/") + GetParam()) ? "" : "../sbin/");
    if (!fs::exists(path + GetParam())) GTEST_SKIP() << "needs " << GetParam();
    ContainerTest::SetUp();
    if (IsSkipped()) return;
    const Json config{{"runtimes",
                       {{"there", {{"path", GetParam()}, {"runtimeArgs", Json::array()}}},
                        {"missing", {{"path", "/nowhere/runtime"}}},
                        {"broken", {{"path", "/bin/false"}}}}}};
    driver_ = std::make_unique<LinuxDriver>(*host_, config.dump());
  }
  RuntimeCreate external(const std::vector<std::string>& args) {
    RuntimeCreate create = program(args);
    create.runtime = "there";
    return create;
  }
  RuntimeProcess start(const RuntimeCreate& create) {
    RuntimeProcess process = driver_->create(call_, create);
    driver_->start(call_, create.id);
    return process;
  }
  std::string exec_output(const std::string& id, RuntimeExec exec, int& code) {
    ClientPair client = make_client();
    exec.attach.emplace();
    exec.attach->id = id;
    exec.attach->exec_id = exec.exec_id;
    exec.attach->client = std::move(client.theirs);
    exec.attach->in = exec.attach->out = exec.attach->err = true;
    exec.attach->framed = false;
    const std::string exec_id = exec.exec_id;
    const RuntimeProcess process = driver_->exec(call_, std::move(exec));
    const std::string output = read_all(client.mine.get());
    EXPECT_TRUE(hung_up(process.exit_fd.get()));
    code = driver_->exit_info(call_, id, exec_id).value_or(RuntimeExit{-1, 0, false, 0}).code;
    return output;
  }
};

INSTANTIATE_TEST_SUITE_P(Runtimes, External, ::testing::Values("runc", "crun"),
                         [](const auto& row) { return std::string(row.param); });

TEST_P(External, runs_the_program_and_tells_its_exit_code) {
  const Outcome outcome = run(external({"sh", "-c", "echo out; echo err >&2; exit 7"}));
  EXPECT_EQ(outcome.output, "out\nerr\n");
  EXPECT_EQ(outcome.code, 7);
}

TEST_P(External, does_not_run_before_start_and_waits_as_pid_1_in_its_own_root) {
  RuntimeCreate create = external({"sh", "-c", "echo $$; ls /; pwd; id -u; id -g"});
  create.user = "7:8";
  const RuntimeProcess process = driver_->create(call_, create);
  EXPECT_GT(process.pid, 1);
  EXPECT_FALSE(driver_->exit_info(call_, create.id, ""));
  EXPECT_EQ(driver_->reattach(call_, {create.id, process.state_json}).state, RuntimeState::created);
  driver_->start(call_, create.id);
  ASSERT_TRUE(hung_up(process.exit_fd.get()));
  const std::string log = log_text(create.id);
  EXPECT_TRUE(log.starts_with("1\n")) << log;
  EXPECT_TRUE(log.ends_with("/\n7\n8\n")) << log;
  EXPECT_NE(log.find("bin\n"), std::string::npos);
}

TEST_P(External, resolves_names_in_the_image) {
  std::ofstream(root() + "/etc/passwd") << "root:x:0:0::/root:/bin/sh\nworker:x:77:78::/w:/bin/sh\n";
  std::ofstream(root() + "/etc/group") << "extra:x:99:worker\n";
  RuntimeCreate create = external({"id", "-G"});
  create.user = "worker";
  EXPECT_EQ(run(create).output, "78 99\n");
  create = external({"true"});
  create.user = "nobodyx";
  const Error error = failure_of(create);
  EXPECT_EQ(error.reason(), "user_not_found");
  EXPECT_STREQ(error.what(), "unable to find user nobodyx: no matching entries in passwd file");
}

TEST_P(External, stdin_and_a_terminal_work) {
  RuntimeCreate create = external({"cat"});
  create.stdio.open_stdin = create.stdio.stdin_once = true;
  RuntimeProcess process = driver_->create(call_, create);
  ClientPair client = make_client();
  RuntimeAttach attach;
  attach.id = create.id;
  attach.client = std::move(client.theirs);
  attach.in = attach.out = true;
  attach.pending = "early ";
  driver_->attach(call_, std::move(attach));
  driver_->start(call_, create.id);
  ASSERT_EQ(::write(client.mine.get(), "late\n", 5), 5);
  ::shutdown(client.mine.get(), 1);
  EXPECT_EQ(unframe(read_all(client.mine.get()), 1), "early late\n");

  create = external({"sh", "-c", "busybox tty; busybox stty size"});
  create.stdio.tty = true;
  create.stdio.rows = 33;
  create.stdio.cols = 44;
  const std::string output = run(create).output;
  EXPECT_NE(output.find("/dev/"), std::string::npos) << output;
  EXPECT_NE(output.find("33 44"), std::string::npos) << output;
}

TEST_P(External, execs_have_their_output_code_and_user) {
  const RuntimeCreate create = external({"sleep", "100"});
  start(create);
  int code = -1;
  EXPECT_EQ(exec_output(create.id, exec_request(create.id, "one", {"sh", "-c", "echo hello; exit 5"}), code), "hello\n");
  EXPECT_EQ(code, 5);
  RuntimeExec exec = exec_request(create.id, "two", {"id", "-u"});
  exec.user = "12";
  EXPECT_EQ(exec_output(create.id, std::move(exec), code), "12\n");
  exec = exec_request(create.id, "three", {"busybox", "tty"});
  exec.stdio.tty = true;
  EXPECT_NE(exec_output(create.id, std::move(exec), code).find("/dev/pts/"), std::string::npos);
  EXPECT_EQ(code, 0);
}

TEST_P(External, many_execs_at_once_are_told_apart) {
  const RuntimeCreate create = external({"sleep", "100"});
  start(create);
  std::vector<std::thread> threads;
  std::vector<std::string> outputs(8);
  std::vector<int> codes(8, -1);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      const std::string number = std::to_string(i);
      outputs[i] = exec_output(
          create.id, exec_request(create.id, "e" + number, {"sh", "-c", "echo " + number + "; exit " + number}), codes[i]);
    });
  }
  for (auto& thread : threads) thread.join();
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(outputs[i], std::to_string(i) + "\n");
    EXPECT_EQ(codes[i], i);
  }
}

TEST_P(External, a_program_that_cannot_be_run_is_told_in_the_runtimes_words) {
  Error error = failure_of(external({"nosuch"}));
  EXPECT_EQ(error.reason(), "command_not_found") << error.what();
  EXPECT_NE(std::string(error.what()).find("nosuch"), std::string::npos) << error.what();

  const RuntimeCreate create = external({"sleep", "100"});
  start(create);
  try {
    driver_->exec(call_, exec_request(create.id, "bad", {"nosuch"}));
    FAIL() << "it runs";
  } catch (const Error& failed) {
    EXPECT_EQ(failed.reason(), "command_not_found") << failed.what();
  }
  int code = -1;
  EXPECT_EQ(exec_output(create.id, exec_request(create.id, "good", {"echo", "on"}), code), "on\n");
}

TEST_P(External, a_runtime_that_is_missing_or_fails_leaves_nothing) {
  RuntimeCreate create = external({"true"});
  create.runtime = "missing";
  Error error = failure_of(create);
  EXPECT_EQ(error.reason(), "command_not_found");
  EXPECT_NE(std::string(error.what()).find("fork/exec /nowhere/runtime: no such file or directory"), std::string::npos)
      << error.what();
  create = external({"true"});
  create.runtime = "broken";
  EXPECT_NE(std::string(failure_of(create).what()).find("exit status 1"), std::string::npos);
  create = external({"true"});
  create.runtime = "unknown";
  EXPECT_STREQ(failure_of(create).what(), "unknown or invalid runtime name: unknown");
  EXPECT_TRUE(leftovers().empty());
}

TEST_P(External, a_new_configuration_holds_for_containers_that_are_made_from_then_on) {
  const RuntimeCreate before = external({"sleep", "1000"});
  const RuntimeProcess process = start(before);
  driver_->reconfigure(call_, Json{{"runtimes", {{"other", {{"path", GetParam()}}}}}}.dump());
  int code = -1;
  EXPECT_EQ(exec_output(before.id, exec_request(before.id, "e", {"echo", "lives"}), code), "lives\n");
  EXPECT_THROW(driver_->create(call_, external({"true"})), Error) << "the name is not known any more";
  RuntimeCreate after = external({"sh", "-c", "exit 5"});
  after.runtime = "other";
  EXPECT_EQ(run(after).code, 5);
  EXPECT_THROW(driver_->reconfigure(call_, R"({"runtimes": {"other": {"path": "/nowhere"}, "bad": {}}})"), Error);
  RuntimeCreate unchanged = external({"sh", "-c", "exit 6"});
  unchanged.runtime = "other";
  EXPECT_EQ(run(unchanged).code, 6);
  driver_->remove(call_, before.id, true);
}

TEST_P(External, pause_limits_processes_and_kill_reach_it) {
  Json spec = default_spec({"sleep", "100"});
  spec["linux"]["resources"]["memory"] = {{"limit", 64 << 20}};
  RuntimeCreate create = request(fresh_id(), spec);
  create.runtime = "there";
  const RuntimeProcess process = start(create);
  EXPECT_EQ(driver_->stats(call_, create.id).memory_limit, 64U << 20);
  EXPECT_EQ(driver_->processes(call_, create.id), std::vector<std::int32_t>{process.pid});
  driver_->pause(call_, create.id);
  EXPECT_EQ(driver_->reattach(call_, {create.id, process.state_json}).state, RuntimeState::paused);
  driver_->resume(call_, create.id);
  driver_->update(call_, create.id, R"({"memory":{"limit":33554432}})");
  EXPECT_EQ(driver_->stats(call_, create.id).memory_limit, 32U << 20);
  driver_->signal(call_, {create.id, "", SIGKILL});
  ASSERT_TRUE(hung_up(process.exit_fd.get()));
  EXPECT_EQ(driver_->exit_info(call_, create.id, "")->code, 137);
}

TEST_P(External, survives_the_driver) {
  const RuntimeCreate create = external({"sh", "-c", "sleep 0.3; exit 4"});
  const std::string state = start(create).state_json;
  driver_ = std::make_unique<LinuxDriver>(*host_);
  const RuntimeStatus status = driver_->reattach(call_, {create.id, state});
  ASSERT_TRUE(hung_up(status.process.exit_fd.get()));
  EXPECT_EQ(driver_->exit_info(call_, create.id, "")->code, 4);
}

} // namespace gantry::runtime_linux::test
