// What a hostile image or program tries.
#include <fstream>

#include "container_fixture.hpp"

namespace gantry::runtime_linux::test {
namespace {

constexpr int last_tried_descriptor = 24;

} // namespace

class Isolation : public ContainerTest {
 protected:
  void SetUp() override {
    ContainerTest::SetUp();
    if (driver_) std::ofstream(directory_ / "secret") << "of the host";
  }
  /// A path to the secret for whoever is somewhere in the host's tree.
  std::string secret() const { return "../../../../../../../../../.." + (directory_ / "secret").string(); }
  /// Output, or nothing when it did not even start.
  std::string output_of(const Json& spec) {
    const RuntimeCreate create = request(fresh_id(), spec);
    try {
      return run(create).output;
    } catch (const Error&) {
      driver_->remove(call_, create.id, true);
      return "";
    }
  }
};

TEST_F(Isolation, a_working_directory_in_proc_does_not_lead_to_the_host) {
  for (int fd = 3; fd <= last_tried_descriptor; ++fd) {
    Json spec = default_spec({"cat", secret()});
    spec["process"]["cwd"] = "/proc/self/fd/" + std::to_string(fd);
    EXPECT_EQ(output_of(spec).find("of the host"), std::string::npos) << "through descriptor " << fd;
  }
}

TEST_F(Isolation, a_program_in_proc_does_not_lead_to_the_host) {
  for (int fd = 3; fd <= last_tried_descriptor; ++fd) {
    const std::string program = "/proc/self/fd/" + std::to_string(fd) + "/../../../../../../../../../bin/cat";
    EXPECT_EQ(output_of(default_spec({program, directory_ / "secret"})).find("of the host"), std::string::npos)
        << "through descriptor " << fd;
  }
}

TEST_F(Isolation, an_exec_in_proc_does_not_lead_to_the_host) {
  const RuntimeCreate create = program({"sleep", "1000"});
  driver_->create(call_, create);
  driver_->start(call_, create.id);
  for (int fd = 3; fd <= last_tried_descriptor; ++fd) {
    const std::string name = "e" + std::to_string(fd);
    RuntimeExec exec = exec_request(create.id, name, {"test", "-e", secret()});
    Json process = Json::parse(exec.oci_process_json);
    process["cwd"] = "/proc/self/fd/" + std::to_string(fd);
    exec.oci_process_json = process.dump();
    try {
      const RuntimeProcess started = driver_->exec(call_, std::move(exec));
      ASSERT_TRUE(hung_up(started.exit_fd.get()));
      EXPECT_NE(driver_->exit_info(call_, create.id, name)->code, 0) << "through descriptor " << fd;
    } catch (const Error& error) {
      EXPECT_FALSE(std::string(error.what()).empty());
    }
  }
}

TEST_F(Isolation, no_process_has_descriptors_of_the_host) {
  const RuntimeCreate create = program({"sleep", "1000"});
  driver_->create(call_, create);
  driver_->start(call_, create.id);
  RuntimeExec exec = exec_request(create.id, "e", {"sh", "-c", "ls /proc/1/fd /proc/self/fd > /fds"});
  const RuntimeProcess started = driver_->exec(call_, std::move(exec));
  ASSERT_TRUE(hung_up(started.exit_fd.get()));
  std::ifstream in(directory_ / ("scratch-" + create.id) / "upper/fds");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(text, "/proc/1/fd:\n0\n1\n2\n\n/proc/self/fd:\n0\n1\n2\n3\n");
}

TEST_F(Isolation, running_the_shim_in_the_container_ends) {
  const RuntimeCreate create = program({"/proc/self/exe"});
  try {
    const RuntimeProcess process = driver_->create(call_, create);
    driver_->start(call_, create.id);
    EXPECT_TRUE(hung_up(process.exit_fd.get()));
  } catch (const Error& error) {
    EXPECT_NE(error.reason(), "");
  }
}

TEST_F(Isolation, symlinks_in_place_of_kernel_filesystems_are_refused) {
  for (const char* name : {"proc", "sys"}) {
    std::filesystem::remove_all(directory_ / "root" / name);
    std::filesystem::create_symlink("/etc", directory_ / "root" / name);
    EXPECT_NE(std::string(failure_of(program({"true"})).what()).find("must be mounted on ordinary directory"), std::string::npos)
        << name;
    std::filesystem::remove(directory_ / "root" / name);
  }
}

TEST_F(Isolation, a_symlinked_dev_stays_in_the_root) {
  std::filesystem::remove_all(directory_ / "root/dev");
  std::filesystem::create_symlink("../../../../../../.." + directory_.string(), directory_ / "root/dev");
  const RuntimeCreate create = program({"true"});
  try {
    run(create);
  } catch (const Error& error) {
    EXPECT_FALSE(std::string(error.what()).empty());
  }
  EXPECT_FALSE(std::filesystem::exists(directory_ / "null")) << "a device was made on the host";
}

TEST_F(Isolation, no_new_privileges_holds_in_the_program_and_its_execs) {
  Json spec = default_spec({"sh", "-c", "grep NoNewPrivs /proc/self/status"});
  spec["process"]["noNewPrivileges"] = true;
  EXPECT_EQ(run(request(fresh_id(), spec)).output, "NoNewPrivs:\t1\n");
}

TEST_F(Isolation, joins_namespaces_by_path) {
  const RuntimeCreate first = program({"sleep", "1000"});
  const RuntimeProcess process = driver_->create(call_, first);
  driver_->start(call_, first.id);
  Json spec = default_spec({"sh", "-c",
                            "ps | grep -c 'sleep 1000$'; for n in net ipc; do readlink /proc/1/ns/$n; readlink /proc/self/ns/$n; "
                            "done | uniq | wc -l"});
  Json& namespaces = spec["linux"]["namespaces"];
  for (Json& each : namespaces)
    for (const auto& [type, file] : {std::pair("pid", "pid"), std::pair("ipc", "ipc"), std::pair("network", "net")})
      if (each["type"] == type) each["path"] = "/proc/" + std::to_string(process.pid) + "/ns/" + file;
  EXPECT_EQ(run(request(fresh_id(), spec)).output, "1\n2\n");
  EXPECT_FALSE(driver_->exit_info(call_, first.id, "")) << "the end of a guest is not the end of the host of its namespaces";
}

} // namespace gantry::runtime_linux::test
