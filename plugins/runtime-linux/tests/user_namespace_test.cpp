// Containers whose ids are other ones on the host: layers are mounted with mapped owners, nothing on disk is changed.
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <fstream>

#include "container_fixture.hpp"

namespace gantry::runtime_linux::test {
namespace {

constexpr unsigned host_base = 700000, range = 65536;

Json mapped(Json spec, unsigned base = host_base) {
  const Json map = Json::array({{{"containerID", 0}, {"hostID", base}, {"size", range}}});
  spec["linux"]["uidMappings"] = spec["linux"]["gidMappings"] = map;
  spec["linux"]["namespaces"].push_back({{"type", "user"}});
  return spec;
}

Json shell(const std::string& script) { return mapped(default_spec({"sh", "-c", script})); }

void add_bind(Json& spec, const std::string& source, const std::string& target, std::vector<std::string> options) {
  options.insert(options.begin(), "rbind");
  spec["mounts"].push_back({{"destination", target}, {"type", "bind"}, {"source", source}, {"options", options}});
}

std::string link_of(int pid, const std::string& name) {
  char text[256];
  const ssize_t n = ::readlink(("/proc/" + std::to_string(pid) + "/ns/" + name).c_str(), text, sizeof text);
  return n < 0 ? "" : std::string(text, static_cast<std::size_t>(n));
}

} // namespace

class UserNamespace : public ContainerTest {
 protected:
  void SetUp() override {
    ContainerTest::SetUp();
    if (!driver_) return;
    if (!driver_->features().userns) GTEST_SKIP() << "needs Linux 5.19: overlay layers with mapped owners";
    const RuntimeCreate trial = request(fresh_id(), mapped(default_spec({"true"})));
    try {
      run(trial);
    } catch (const Error& error) {
      driver_->remove(call_, trial.id, true);
      if (std::string(error.what()).find("cannot be mounted with mapped ids") == std::string::npos) throw;
      GTEST_SKIP() << "needs a file system in /tmp that can be mounted with mapped ids: " << error.what();
    }
  }
  Outcome run_spec(const Json& spec) { return run(request(fresh_id(), spec)); }
  std::string upper(const std::string& id) const { return directory_ / ("scratch-" + id) / "upper"; }
};

TEST_F(UserNamespace, shows_what_it_should) {
  struct Row {
    const char *name, *script, *output;
  };
  const Row rows[] = {
      {"uid map", "cat /proc/self/uid_map", "         0     700000      65536\n"},
      {"gid map", "cat /proc/self/gid_map", "         0     700000      65536\n"},
      {"root is root", "id -u; id -g", "0\n0\n"},
      {"the image's files are root's", "stat -c %u:%g /bin/busybox /etc/passwd /", "0:0\n0:0\n0:0\n"},
      {"proc is its own", "stat -c %u /proc/1/status; cat /proc/1/comm; true", "0\nsh\n"},
      {"devices", "stat -c %u:%t:%T /dev/null; echo x > /dev/null && head -c 3 /dev/zero | wc -c", "0:1:3\n3\n"},
      {"files can be made and given away", "touch /f && chown 1000:1001 /f && stat -c %u:%g /f", "1000:1001\n"},
      {"a file of the image can be changed", "echo x:x:5:5::/: >> /etc/passwd && wc -l < /etc/passwd", "4\n"},
      {"a directory of the image can be renamed", "mv /tmp /tmp2 && stat -c %u /tmp2", "0\n"},
      {"a tmpfs is root's", "stat -c %u /dev/shm; touch /dev/shm/x && echo made", "0\nmade\n"},
      {"loopback is up", "ip link show lo | grep -c UP", "1\n"},
      {"standard output opens again", "echo again > /dev/stdout", "again\n"},
      {"sysfs is read-only", "touch /sys/x 2>/dev/null || echo refused", "refused\n"},
      {"another range does not exist", "chown 70000 /etc/passwd 2>/dev/null || echo refused", "refused\n"},
      {"hostname", "hostname", "box\n"},
      {"cgroups are visible", "ls /sys/fs/cgroup | wc -l | grep -v '^0' | grep -c .", "1\n"},
  };
  for (const Row& row : rows) EXPECT_EQ(run_spec(shell(row.script)).output, row.output) << row.name;
}

TEST_F(UserNamespace, writes_the_containers_ids_to_disk_and_no_others) {
  const RuntimeCreate create = request(fresh_id(), shell("touch /root-made; touch /given; chown 1000:50 /given; id -u"));
  EXPECT_EQ(run(create).output, "0\n");
  struct stat made {
  }, given{};
  ASSERT_EQ(::stat((upper(create.id) + "/root-made").c_str(), &made), 0);
  ASSERT_EQ(::stat((upper(create.id) + "/given").c_str(), &given), 0);
  EXPECT_EQ(made.st_uid, 0U);
  EXPECT_EQ(given.st_uid, 1000U);
  EXPECT_EQ(given.st_gid, 50U);
  struct stat image {};
  ASSERT_EQ(::stat((root() + "/bin/busybox").c_str(), &image), 0);
  EXPECT_EQ(image.st_uid, 0U) << "the layer was changed";
}

TEST_F(UserNamespace, the_process_is_an_ordinary_user_of_the_host) {
  const RuntimeCreate create = request(fresh_id(), mapped(default_spec({"sleep", "1000"})));
  const RuntimeProcess process = driver_->create(call_, create);
  driver_->start(call_, create.id);
  struct stat info {};
  ASSERT_EQ(::stat(("/proc/" + std::to_string(process.pid)).c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, host_base);
  for (const char* name : {"user", "mnt", "pid", "net", "ipc", "uts"})
    EXPECT_NE(link_of(process.pid, name), link_of(::getpid(), name)) << name;
}

TEST_F(UserNamespace, takes_users_by_name) {
  RuntimeCreate create = request(fresh_id(), shell("id; echo mine > /dev/stdout; touch /tmp/f; stat -c %U /tmp/f"));
  create.user = "alice";
  EXPECT_EQ(run(create).output, "uid=1000(alice) gid=1001(alice) groups=10(wheel),50(staff),1001(alice)\nmine\nalice\n");
}

TEST_F(UserNamespace, an_exec_is_in_it_too) {
  const RuntimeCreate create = request(fresh_id(), mapped(default_spec({"sleep", "1000"})));
  driver_->create(call_, create);
  driver_->start(call_, create.id);
  const RuntimeProcess exec = driver_->exec(
      call_, exec_request(create.id, "e", {"sh", "-c", "cat /proc/self/uid_map > /map; id -u >> /map; echo x > /dev/stdout"}));
  ASSERT_TRUE(hung_up(exec.exit_fd.get()));
  EXPECT_EQ(driver_->exit_info(call_, create.id, "e")->code, 0);
  std::ifstream in(upper(create.id) + "/map");
  EXPECT_EQ((std::string{std::istreambuf_iterator<char>(in), {}}), "         0     700000      65536\n0\n");
}

TEST_F(UserNamespace, a_terminal_works) {
  RuntimeCreate create = request(fresh_id(), shell("test -t 0 && stat -c %u /dev/console"));
  create.stdio.tty = true;
  EXPECT_EQ(run(create).output, "0\r\n");
}

TEST_F(UserNamespace, a_bind_is_the_hosts_unless_it_is_mapped) {
  const auto plain = directory_ / "plain";
  std::filesystem::create_directories(plain / "below");
  std::ofstream(plain / "secret") << "of the host";
  std::filesystem::permissions(plain / "secret", std::filesystem::perms::owner_read);
  std::filesystem::permissions(plain, std::filesystem::perms::owner_all);
  Json spec = shell("cat /v/secret 2>/dev/null || echo refused; rm -f /v/secret 2>/dev/null || echo kept; stat -c %u /v");
  add_bind(spec, plain, "/v", {"rprivate"});
  EXPECT_EQ(run_spec(spec).output, "refused\nkept\n65534\n");
  spec = shell("cat /v/secret; echo; touch /v/new; chown 7 /v/new; stat -c %u /v");
  add_bind(spec, plain, "/v", {"ridmap"});
  EXPECT_EQ(run_spec(spec).output, "of the host\n0\n");
  struct stat info {};
  ASSERT_EQ(::stat((plain / "new").c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, 7U);
}

TEST_F(UserNamespace, another_container_shares_it_with_its_namespaces) {
  const RuntimeCreate first = request(fresh_id(), mapped(default_spec({"sleep", "1000"})));
  const RuntimeProcess process = driver_->create(call_, first);
  driver_->start(call_, first.id);
  const std::string ns = "/proc/" + std::to_string(process.pid) + "/ns/";
  Json spec = shell(
      "cat /proc/self/uid_map; stat -c %u /bin/busybox; for n in user net ipc pid mnt; do readlink "
      "/proc/self/ns/$n; done; touch /made; ps | grep -c 'sleep 1000'");
  spec["linux"]["namespaces"] = {{{"type", "user"}, {"path", ns + "user"}},
                                 {{"type", "network"}, {"path", ns + "net"}},
                                 {{"type", "ipc"}, {"path", ns + "ipc"}},
                                 {{"type", "pid"}, {"path", ns + "pid"}},
                                 {{"type", "mount"}},
                                 {{"type", "uts"}}};
  const std::string output = run_spec(spec).output;
  EXPECT_TRUE(output.starts_with("         0     700000      65536\n0\n")) << output;
  for (const char* name : {"user", "net", "ipc", "pid"})
    EXPECT_NE(output.find(link_of(process.pid, name)), std::string::npos) << name;
  EXPECT_EQ(output.find(link_of(process.pid, "mnt")), std::string::npos);
}

TEST_F(UserNamespace, shared_alone_leaves_a_process_list_of_its_own) {
  const RuntimeCreate first = request(fresh_id(), mapped(default_spec({"sleep", "1000"})));
  const RuntimeProcess process = driver_->create(call_, first);
  driver_->start(call_, first.id);
  const std::string ns = "/proc/" + std::to_string(process.pid) + "/ns/";
  Json spec = shell("cat /proc/1/comm; touch /made && echo made");
  spec["linux"]["namespaces"] = {{{"type", "user"}, {"path", ns + "user"}},
                                 {{"type", "network"}, {"path", ns + "net"}},
                                 {{"type", "ipc"}},
                                 {{"type", "pid"}},
                                 {{"type", "mount"}},
                                 {{"type", "uts"}}};
  EXPECT_EQ(run_spec(spec).output, "sh\nmade\n");
}

TEST_F(UserNamespace, a_failure_before_init_is_told_by_create) {
  Json spec = shell("true");
  add_bind(spec, directory_ / "nosuch", "/v", {});
  const RuntimeCreate create = request(fresh_id(), spec);
  const Error error = [&] {
    try {
      driver_->create(call_, create);
    } catch (const Error& refusal) {
      return refusal;
    }
    return Error(Code::unknown, "");
  }();
  EXPECT_NE(std::string(error.what()).find("nosuch\" to \"/v\": no such file or directory"), std::string::npos) << error.what();
  EXPECT_EQ(error.reason(), "init_failed");
}

TEST_F(UserNamespace, root_in_it_cannot_reach_the_host) {
  // It may take the mask away, which was mounted in its namespace: what is below is the host's root's all the same.
  Json spec = shell(
      "mknod /n b 8 0 2>/dev/null || echo no device; umount /proc/kcore 2>/dev/null;"
      "mount -t tmpfs x /tmp 2>/dev/null && echo mounted; head -c1 /proc/kcore 2>/dev/null | wc -c;"
      "echo 1 2>/dev/null > /proc/sys/kernel/panic || echo no sysctl");
  Json& sets = spec["process"]["capabilities"];
  for (const char* set : {"bounding", "effective", "permitted"}) sets[set].push_back("CAP_SYS_ADMIN");
  EXPECT_EQ(run_spec(spec).output, "no device\nmounted\n0\nno sysctl\n");
}

TEST_F(UserNamespace, limits_above_the_hosts_are_given) {
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_MEMLOCK, &limit), 0);
  if (limit.rlim_max == RLIM_INFINITY) GTEST_SKIP() << "needs a limit on locked memory";
  const rlimit higher{limit.rlim_cur, limit.rlim_max + 4096};
  if (::setrlimit(RLIMIT_MEMLOCK, &higher) < 0) GTEST_SKIP() << "needs CAP_SYS_RESOURCE";
  ::setrlimit(RLIMIT_MEMLOCK, &limit);
  Json spec = shell("ulimit -l");
  spec["process"]["rlimits"] = {{{"type", "RLIMIT_MEMLOCK"}, {"soft", limit.rlim_max + 1024}, {"hard", limit.rlim_max + 2048}}};
  EXPECT_EQ(run_spec(spec).output, std::to_string(limit.rlim_max / 1024 + 1) + "\n");
}

} // namespace gantry::runtime_linux::test
