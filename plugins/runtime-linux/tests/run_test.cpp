#include "container_fixture.hpp"

namespace gantry::runtime_linux::test {

class Run : public ContainerTest {};

TEST_F(Run, gives_output_and_exit_code) {
  const Outcome outcome = run_program({"sh", "-c", "echo hello; exit 7"});
  EXPECT_EQ(outcome.output, "hello\n");
  EXPECT_EQ(outcome.code, 7);
}

TEST_F(Run, leaves_nothing_behind) {
  run_program({"true"});
  EXPECT_TRUE(leftovers().empty());
}

TEST_F(Run, sets_hostname_environment_and_home) {
  EXPECT_EQ(run_program({"sh", "-c", "hostname; echo $X $HOME"}).output, "box\ny /root\n");
}

TEST_F(Run, has_the_loopback_up) {
  EXPECT_NE(run_program({"ip", "addr", "show", "lo"}).output.find("127.0.0.1"), std::string::npos);
}

TEST_F(Run, makes_the_working_directory) {
  Json spec = default_spec({"pwd"});
  spec["process"]["cwd"] = "/some/where/new";
  EXPECT_EQ(run(request(fresh_id(), spec)).output, "/some/where/new\n");
}

TEST_F(Run, shows_only_its_own_descriptors) {
  // 3 is the directory that ls itself reads.
  EXPECT_EQ(run_program({"ls", "/proc/self/fd"}).output, "0\n1\n2\n3\n");
}

TEST_F(Run, runs_in_its_own_cgroup_namespace) {
  const std::string output = run_program({"cat", "/proc/self/cgroup"}).output;
  EXPECT_EQ(output.find(host_->instance()), std::string::npos) << output;
}

TEST_F(Run, resolves_a_user_by_name_with_its_groups) {
  RuntimeCreate create = program({"id"});
  create.user = "alice";
  EXPECT_EQ(run(create).output, "uid=1000(alice) gid=1001(alice) groups=10(wheel),50(staff),1001(alice)\n");
}

TEST_F(Run, resolves_user_and_group_numbers_without_entries) {
  RuntimeCreate create = program({"id"});
  create.user = "4242:4343";
  create.groups = {"staff"};
  EXPECT_EQ(run(create).output, "uid=4242 gid=4343 groups=50(staff),4343\n");
}

TEST_F(Run, gives_stdout_to_the_user) {
  RuntimeCreate create = program({"sh", "-c", "echo again > /dev/stdout"});
  create.user = "alice";
  EXPECT_EQ(run(create).output, "again\n");
}

TEST_F(Run, has_exactly_the_capabilities_of_the_spec) {
  EXPECT_EQ(run_program({"grep", "Cap", "/proc/self/status"}).output,
            "CapInh:\t0000000000000000\nCapPrm:\t00000000a80425fb\nCapEff:\t00000000a80425fb\nCapBnd:\t00000000a80425fb\nCapAmb:"
            "\t0000000000000000\n");
}

TEST_F(Run, a_user_without_root_has_no_effective_capabilities) {
  RuntimeCreate create = program({"grep", "CapEff", "/proc/self/status"});
  create.user = "alice";
  EXPECT_EQ(run(create).output, "CapEff:\t0000000000000000\n");
}

TEST_F(Run, applies_limits_before_the_program_runs) {
  Json spec = default_spec({"sh", "-c", "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/pids/pids.max"});
  if (find_hierarchies().version == 2) spec["process"]["args"][2] = "cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max";
  spec["linux"]["resources"]["memory"]["limit"] = 64 << 20;
  spec["linux"]["resources"]["pids"]["limit"] = 77;
  EXPECT_EQ(run(request(fresh_id(), spec)).output, "67108864\n77\n");
}

TEST_F(Run, masks_and_locks_paths) {
  const std::string output =
      run_program({"sh", "-c", "wc -c </proc/keys; ls /sys/firmware | wc -l; (echo b >/proc/sys/kernel/domainname) 2>&1"}).output;
  EXPECT_EQ(output.substr(0, 4), "0\n0\n") << output;
  EXPECT_NE(output.find("Read-only file system"), std::string::npos) << output;
}

TEST_F(Run, refuses_devices_that_are_not_allowed) {
  const std::string output =
      run_program({"sh", "-c", "busybox mknod /tmp/kmsg c 1 11; cat /tmp/kmsg 2>&1; echo ok >/dev/null && echo fine"}).output;
  EXPECT_EQ(output, "cat: can't open '/tmp/kmsg': Operation not permitted\nfine\n");
}

TEST_F(Run, loads_a_seccomp_filter) {
  Json spec = default_spec({"sh", "-c", "mkdir /tmp/x 2>&1; grep Seccomp: /proc/self/status"});
  spec["linux"]["seccomp"] = {{"defaultAction", "SCMP_ACT_ALLOW"},
                              {"syscalls", {{{"names", {"mkdir", "mkdirat"}}, {"action", "SCMP_ACT_ERRNO"}}}}};
  EXPECT_EQ(run(request(fresh_id(), spec)).output,
            "mkdir: can't create directory '/tmp/x': Operation not permitted\nSeccomp:\t2\n");
}

TEST_F(Run, has_a_read_only_root_when_asked) {
  Json spec = default_spec({"sh", "-c", "touch /x 2>&1; touch /dev/shm/y && echo shm"});
  spec["root"]["readonly"] = true;
  EXPECT_EQ(run(request(fresh_id(), spec)).output, "touch: /x: Read-only file system\nshm\n");
}

TEST_F(Run, binds_files_and_directories_and_makes_their_mountpoints) {
  std::filesystem::create_directories(directory_ / "volume");
  Json spec = default_spec({"sh", "-c", "cat /a/b/passwd | head -n1; touch /data/new && echo written; touch /locked/x 2>&1"});
  spec["mounts"].push_back({{"destination", "/a/b/passwd"},
                            {"type", "bind"},
                            {"source", root() + "/etc/passwd"},
                            {"options", {"rbind", "ro", "rprivate"}}});
  spec["mounts"].push_back(
      {{"destination", "/data"}, {"type", "bind"}, {"source", directory_ / "volume"}, {"options", {"rbind"}}});
  spec["mounts"].push_back(
      {{"destination", "/locked"}, {"type", "bind"}, {"source", directory_ / "volume"}, {"options", {"rbind", "ro"}}});
  EXPECT_EQ(run(request(fresh_id(), spec)).output,
            "root:x:0:0:root:/root:/bin/sh\nwritten\ntouch: /locked/x: Read-only file system\n");
  EXPECT_TRUE(std::filesystem::exists(directory_ / "volume/new"));
}

TEST_F(Run, flags_an_out_of_memory_kill) {
  Json spec = default_spec({"sh", "-c", "dd if=/dev/zero of=/dev/shm/x bs=1M count=60"});
  spec["linux"]["resources"]["memory"] = {{"limit", 16 << 20}, {"swap", 16 << 20}};
  const RuntimeCreate create = request(fresh_id(), spec);
  const RuntimeProcess process = driver_->create(call_, create);
  driver_->start(call_, create.id);
  ASSERT_TRUE(hung_up(process.exit_fd.get()));
  EXPECT_TRUE(driver_->exit_info(call_, create.id, "")->oom_killed);
}

TEST_F(Run, splits_many_layers_that_exceed_a_page_of_options) {
  RuntimeCreate create = program({"cat", "/layer"});
  std::string lower;
  for (int i = 0; i < 127; ++i) {
    const auto layer = directory_ / ("one-layer-of-many-" + std::to_string(i));
    std::filesystem::create_directories(layer);
    lower += layer.string() + ":";
  }
  std::filesystem::copy(root() + "/etc/group", directory_ / "one-layer-of-many-126/layer");
  create.rootfs[0].options[0] = "lowerdir=" + lower + root();
  EXPECT_EQ(run(create).output.substr(0, 9), "root:x:0:");
}

} // namespace gantry::runtime_linux::test
