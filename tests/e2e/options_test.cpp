// Every option of run, used for real: what the program in the container sees.
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <filesystem>
#include <fstream>
#include <ostream>

#include "support/daemon.hpp"
#include "support/need.hpp"
#include "support/rootfs.hpp"

namespace gantry::test {
namespace {

/// One option or several, a shell command, and its stdout. "$DIR" is a directory of the host that holds the file "f".
struct Row {
  const char* name;
  std::vector<std::string> options;
  const char* command;
  const char* output;
};

[[maybe_unused]] void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

constexpr const char* capabilities = "grep CapEff /proc/self/status | cut -f2; grep CapBnd /proc/self/status | cut -f2";

const std::vector<Row>& rows() {
  static const std::vector<Row> all{
      {"default_capabilities", {}, capabilities, "00000000a80425fb\n00000000a80425fb\n"},
      {"cap_add_and_drop",
       {"--cap-add", "NET_ADMIN", "--cap-drop", "CHOWN"},
       capabilities,
       "00000000a80435fa\n00000000a80435fa\n"},
      {"cap_drop_all", {"--cap-drop", "ALL"}, capabilities, "0000000000000000\n0000000000000000\n"},
      {"cap_drop_all_but_one", {"--cap-drop", "ALL", "--cap-add", "chown"}, capabilities, "0000000000000001\n0000000000000001\n"},
      {"a_user_has_no_capabilities", {"-u", "user"}, capabilities, "0000000000000000\n00000000a80425fb\n"},
      {"default_seccomp",
       {},
       "grep Seccomp: /proc/self/status; unshare -m true 2>&1; mount -t tmpfs x /tmp 2>&1; chroot / echo chroot",
       "Seccomp:\t2\nunshare: unshare(0x20000): Operation not permitted\nmount: permission denied (are you root?)\nchroot\n"},
      {"seccomp_unconfined", {"--security-opt", "seccomp=unconfined"}, "grep Seccomp: /proc/self/status", "Seccomp:\t0\n"},
      {"seccomp_follows_capabilities",
       {"--cap-add", "SYS_ADMIN"},
       "unshare -m true && mount -t tmpfs x /tmp && echo fine",
       "fine\n"},
      {"seccomp_profile",
       {"--security-opt", "seccomp=$DIR/seccomp.json"},
       "mkdir /x 2>&1; rmdir /tmp && echo fine",
       "mkdir: can't create directory '/x': Operation not permitted\nfine\n"},
      {"no_new_privileges_with_a_value",
       {"--security-opt", "no-new-privileges:true"},
       "grep NoNew /proc/self/status",
       "NoNewPrivs:\t1\n"},
      {"system_paths_unconfined",
       {"--security-opt", "systempaths=unconfined"},
       "grep -c -E ' /proc/(sys|keys) ' /proc/mounts",
       "0\n"},
      {"writable_cgroups",
       {"--security-opt", "writable-cgroups=true"},
       "grep ' /sys/fs/cgroup' /proc/mounts | grep -c ' ro,'",
       "0\n"},
      {"no_new_privileges", {"--security-opt", "no-new-privileges"}, "grep NoNew /proc/self/status", "NoNewPrivs:\t1\n"},
      {"privileged",
       {"--privileged"},
       "grep Seccomp: /proc/self/status; mount -t tmpfs x /tmp && touch /proc/sys/kernel/domainname && echo fine",
       "Seccomp:\t0\nfine\n"},
      {"read_only", {"--read-only"}, "touch /x 2>&1; touch /dev/shm/x && echo shm", "touch: /x: Read-only file system\nshm\n"},
      {"read_only_with_tmpfs", {"--read-only", "--tmpfs", "/tmp"}, "touch /tmp/x && echo fine", "fine\n"},
      {"tmpfs_options",
       {"--tmpfs", "/t:size=1m,mode=700"},
       "stat -c %a /t; df -k /t | tail -n1 | awk '{print $2}'",
       "700\n1024\n"},
      {"volume", {"-v", "$DIR:/v"}, "cat /v/f; touch /v/new && rm /v/new && echo written", "hi\nwritten\n"},
      {"volume_read_only", {"-v", "$DIR:/v:ro"}, "cat /v/f; touch /v/new 2>&1", "hi\ntouch: /v/new: Read-only file system\n"},
      {"volume_of_a_file", {"-v", "$DIR/f:/etc/deep/f:ro"}, "cat /etc/deep/f", "hi\n"},
      {"mount_bind_read_only",
       {"--mount", "type=bind,source=$DIR,target=/v,readonly"},
       "touch /v/x 2>&1",
       "touch: /v/x: Read-only file system\n"},
      {"mount_tmpfs", {"--mount", "type=tmpfs,target=/v,tmpfs-size=1048576"}, "df -k /v | tail -n1 | awk '{print $2}'", "1024\n"},
      {"working_directory_is_made", {"-w", "/a/b/c"}, "pwd; stat -c '%a %u' /a/b/c", "/a/b/c\n755 0\n"},
      {"user_by_name",
       {"-u", "user"},
       "id; echo $HOME",
       "uid=1000(user) gid=1000(user) groups=1000(user),2000(extra)\n/home/user\n"},
      {"user_by_numbers", {"-u", "1234:2000"}, "id; echo $HOME", "uid=1234 gid=2000(extra) groups=2000(extra)\n/\n"},
      {"user_and_group", {"-u", "user:extra"}, "id", "uid=1000(user) gid=2000(extra) groups=2000(extra)\n"},
      {"group_add",
       {"--group-add", "extra", "--group-add", "77"},
       "id",
       "uid=0(root) gid=0(root) groups=0(root),77,2000(extra)\n"},
      {"ulimit", {"--ulimit", "nofile=100:200"}, "ulimit -n; ulimit -Hn", "100\n200\n"},
      {"shm_size", {"--shm-size", "8m"}, "df -k /dev/shm | tail -n1 | awk '{print $2}'", "8192\n"},
      {"hostname", {"--hostname", "alpha"}, "hostname; cat /etc/hostname", "alpha\nalpha\n"},
      {"domainname", {"--domainname", "ex.org"}, "cat /proc/sys/kernel/domainname", "ex.org\n"},
      {"add_host", {"--add-host", "a:1.2.3.4", "--add-host", "b:::1"}, "tail -n2 /etc/hosts", "1.2.3.4\ta\n::1\tb\n"},
      {"dns",
       {"--dns", "9.9.9.9", "--dns-search", "ex.org", "--dns-option", "ndots:2"},
       "grep -v '^#' /etc/resolv.conf",
       "search ex.org\nnameserver 9.9.9.9\noptions ndots:2\n"},
      {"sysctl",
       {"--sysctl", "net.ipv4.ip_forward=1", "--sysctl", "kernel.msgmax=9000"},
       "cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax",
       "1\n9000\n"},
      {"device",
       {"--device", "/dev/null:/dev/other"},
       "ls -l /dev/other | cut -c1-10; echo x >/dev/other && echo fine",
       "crw-rw-rw-\nfine\n"},
      {"devices_are_denied",
       {},
       "mknod /port c 4 64; (: </port) || echo denied; mknod /null c 1 3; echo >/null && echo fine",
       "denied\nfine\n"},
      {"oom_score_adj", {"--oom-score-adj", "500"}, "cat /proc/self/oom_score_adj", "500\n"},
      {"pids_limit",
       {"--pids-limit", "5"},
       "for i in 1 2 3 4 5 6 7 8; do sleep 1 & done 2>&1 | tail -n1",
       "sh: can't fork: Resource temporarily unavailable\n"},
      {"init", {"--init"}, "test $$ != 1 && grep -o gantry-init /proc/1/status || cat /proc/1/comm", "docker-init\n"},
      {"pid_host", {"--pid", "host"}, "test $$ -gt 10 && echo host", "host\n"},
      {"cgroupns_private", {"--cgroupns", "private"}, "grep -v ':/$' /proc/self/cgroup", ""},
      {"env", {"--env", "A=b", "--env", "B="}, "env | grep -E '^[AB]='", "A=b\nB=\n"},
      {"terminal", {"-t"}, "tty; test -c /dev/console && echo console", "/dev/pts/0\r\nconsole\r\n"},
      {"masked_paths",
       {},
       "wc -c </proc/keys; ls /sys/firmware | wc -l; touch /proc/sys/kernel/domainname 2>&1",
       "0\n0\ntouch: /proc/sys/kernel/domainname: Read-only file system\n"},
      {"marker_file", {}, "test -f /.dockerenv && echo there", "there\n"},
      {"descriptors", {}, "ls /proc/self/fd", "0\n1\n2\n3\n"},
  };
  return all;
}

class RunOptions : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!(need_root() + need_busybox()).empty()) return;
    daemon = std::make_unique<Daemon>();
    daemon->start();
    import_busybox(*daemon);
    std::filesystem::create_directory(directory());
    std::ofstream(directory() + "/f") << "hi\n";
    std::ofstream(directory() + "/seccomp.json")
        << R"({"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO"}]})";
  }
  static void TearDownTestSuite() { daemon.reset(); }
  void SetUp() override {
    if (auto why = need_root() + need_busybox(); !why.empty()) GTEST_SKIP() << why;
  }
  static std::string directory() { return daemon->dir() + "/dir"; }
  static std::vector<std::string> arguments(std::vector<std::string> options, const std::string& command) {
    std::vector<std::string> all{"run", "--rm", "--network", "none"};
    for (std::string& each : options) {
      if (const auto at = each.find("$DIR"); at != std::string::npos) each.replace(at, 4, directory());
      all.push_back(each);
    }
    all.insert(all.end(), {"busybox", "sh", "-c", command});
    return all;
  }
  static std::unique_ptr<Daemon> daemon;
};

std::unique_ptr<Daemon> RunOptions::daemon;

class RunOption : public RunOptions, public testing::WithParamInterface<Row> {};

TEST_P(RunOption, works_with_gantry) {
  const Output o = daemon->gantry(arguments(GetParam().options, GetParam().command));
  EXPECT_EQ(o.out, GetParam().output) << o.err;
}

TEST_P(RunOption, works_with_docker) {
  if (run({"/bin/sh", "-c", "command -v docker"}).code != 0) GTEST_SKIP() << "needs a docker CLI";
  const Output o = daemon->docker(arguments(GetParam().options, GetParam().command));
  EXPECT_EQ(o.out, GetParam().output) << o.err;
}

INSTANTIATE_TEST_SUITE_P(All, RunOption, testing::ValuesIn(rows()), [](const auto& row) { return std::string(row.param.name); });

TEST_F(RunOptions, limits_reach_the_kernel) {
  const bool v2 = std::filesystem::exists("/sys/fs/cgroup/cgroup.controllers");
  const std::string files = v2 ? "cd /sys/fs/cgroup; cat memory.max pids.max cpu.max"
                               : "cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes pids/pids.max cpu/cpu.cfs_quota_us";
  const Output o = daemon->gantry(arguments({"--memory", "32m", "--pids-limit", "9", "--cpus", "0.5"}, files));
  EXPECT_EQ(o.out, v2 ? "33554432\n9\n50000 100000\n" : "33554432\n9\n50000\n") << o.err;
}

TEST_F(RunOptions, what_cannot_be_is_refused_with_its_reason) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> refused{
      {{"-w", "relative"}, "the working directory 'relative' is invalid, it needs to be an absolute path"},
      {{"-u", "nosuch"}, "unable to find user nosuch: no matching entries in passwd file"},
      {{"--group-add", "nosuch"}, "unable to find group nosuch: no matching entries in group file"},
      {{"--memory", "1m"}, "Minimum memory limit allowed is 6MB"},
      {{"--cpuset-cpus", "999"}, "Requested CPUs are not available"},
      {{"--sysctl", "net.nosuch=1"}, "open /proc/sys/net/nosuch: no such file or directory"},
      {{"--security-opt", "nosuch=1"}, "invalid --security-opt 2: \"nosuch=1\""},
      {{"--device", "/dev/nosuch"},
       "error gathering device information while adding custom device \"/dev/nosuch\": no such file or directory"},
      {{"--mount", "type=bind,source=/nosuch/dir,target=/v"}, "bind source path does not exist: /nosuch/dir"}};
  for (const auto& [options, reason] : refused) {
    const Output o = daemon->gantry(arguments(options, "true"));
    EXPECT_NE(o.code, 0);
    EXPECT_NE(o.err.find(reason), std::string::npos) << o.err;
  }
}

TEST_F(RunOptions, containers_share_the_namespaces_of_another_one) {
  ASSERT_EQ(
      daemon->gantry({"run", "-d", "--name", "first", "--network", "none", "--ipc", "shareable", "busybox", "sleep", "1000"})
          .code,
      0);
  const Output o = daemon->gantry(
      {"run", "--rm", "--network", "container:first", "--pid", "container:first", "--ipc", "container:first", "busybox", "sh",
       "-c", "for n in net pid ipc uts; do [ $(readlink /proc/1/ns/$n) = $(readlink /proc/self/ns/$n) ] && echo $n; done"});
  EXPECT_EQ(o.out, "net\npid\nipc\n") << o.err;
  EXPECT_EQ(daemon->gantry({"inspect", "-f", "{{.State.Status}}", "first"}).out, "running\n");
  EXPECT_EQ(daemon->gantry({"rm", "-f", "first"}).code, 0);
}

TEST_F(RunOptions, shared_memory_comes_with_the_ipc_namespace) {
  ASSERT_EQ(daemon
                ->gantry({"run", "-d", "--name", "donor", "--network", "none", "--ipc", "shareable", "busybox", "sh", "-c",
                          "echo shared >/dev/shm/x; sleep 1000"})
                .code,
            0);
  ASSERT_TRUE(eventually([] { return daemon->gantry({"exec", "donor", "cat", "/dev/shm/x"}).out == "shared\n"; }));
  EXPECT_EQ(daemon->gantry(arguments({"--ipc", "container:donor"}, "cat /dev/shm/x")).out, "shared\n");
  EXPECT_EQ(daemon->gantry({"rm", "-f", "donor"}).code, 0);
}

TEST_F(RunOptions, a_shared_network_comes_with_its_names) {
  ASSERT_EQ(daemon
                ->gantry({"run", "-d", "--name", "web", "--network", "none", "--hostname", "webhost", "--add-host", "a:1.2.3.4",
                          "busybox", "sleep", "1000"})
                .code,
            0);
  const Output o = daemon->gantry({"run", "--rm", "--network", "container:web", "busybox", "sh", "-c",
                                   "hostname; cat /etc/hostname; grep 1.2.3.4 /etc/hosts; echo 5.6.7.8 b >>/etc/hosts"});
  EXPECT_EQ(o.out, "webhost\nwebhost\n1.2.3.4\ta\n") << o.err;
  EXPECT_EQ(daemon->gantry({"exec", "web", "tail", "-n1", "/etc/hosts"}).out, "5.6.7.8 b\n");
  EXPECT_EQ(daemon->gantry({"rm", "-f", "web"}).code, 0);
}

TEST_F(RunOptions, what_cannot_be_joined_is_refused_in_dockers_words) {
  ASSERT_EQ(daemon->gantry({"create", "--name", "idle", "--network", "none", "--ipc", "shareable", "busybox", "true"}).code, 0);
  ASSERT_EQ(daemon->gantry({"run", "-d", "--name", "loner", "--network", "none", "busybox", "sleep", "1000"}).code, 0);
  std::ofstream(directory() + "/bad.json") << R"({"defaultAction":7})";
  const std::string idle = daemon->gantry({"inspect", "-f", "{{.Id}}", "idle"}).out.substr(0, 64);
  const std::vector<std::pair<std::vector<std::string>, std::string>> refused{
      {{"--network", "container:idle"}, "cannot join network namespace of a non running container: container idle is created"},
      {{"--network", "none", "--pid", "container:idle"}, "container " + idle + " is not running"},
      {{"--network", "none", "--ipc", "container:idle"},
       "can't join IPC of container " + idle + ": container " + idle + " is not"},
      {{"--network", "none", "--ipc", "container:loner"},
       "non-shareable IPC (hint: use IpcMode:shareable for the donor container)"},
      {{"--network", "none", "--pid", "container:nosuch"}, "No such container: nosuch"},
      {{"--network", "container:nosuch"}, "No such container: nosuch"},
      {{"--network", "container:loner", "--hostname", "x"}, "conflicting options: hostname and the network mode"},
      {{"--network", "container:loner", "--dns", "1.1.1.1"}, "conflicting options: dns and the network mode"},
      {{"--network", "container:loner", "-p", "80:80"},
       "conflicting options: port publishing and the container type network mode"},
      {{"--network", "container:loner", "--expose", "80"},
       "conflicting options: port exposing and the container type network mode"},
      {{"--network", "container:loner", "--add-host", "a:1.2.3.4"},
       "conflicting options: custom host-to-IP mapping and the network mode"},
      {{"--network", "none", "--uts", "host", "--hostname", "x"}, "conflicting options: hostname and the UTS mode"},
      {{"--network", "none", "--userns", "bad"}, "invalid userns mode: bad"},
      {{"--network", "none", "--userns", "auto:size=0"}, "invalid userns mode: auto:size=0"},
      {{"--network", "host", "--userns", "auto"}, "cannot share the host's network namespace when user namespaces are enabled"},
      {{"--network", "none", "--pid", "host", "--userns", "auto"},
       "cannot share the host PID namespace when user namespaces are enabled"},
      {{"--network", "none", "--privileged", "--userns", "auto"}, "privileged mode is incompatible with user namespaces"},
      {{"--network", "container:loner", "--userns", "auto"}, "they belong to another user namespace"},
      {{"--network", "none", "--security-opt", "seccomp=" + directory() + "/bad.json"}, "Decoding seccomp profile failed"}};
  for (const auto& [options, reason] : refused) {
    std::vector<std::string> all{"run", "--rm"};
    all.insert(all.end(), options.begin(), options.end());
    all.insert(all.end(), {"busybox", "true"});
    const Output o = daemon->gantry(all);
    EXPECT_NE(o.code, 0) << reason;
    EXPECT_NE(o.err.find(reason), std::string::npos) << "expected: " << reason << "\ngot: " << o.err;
  }
  EXPECT_EQ(daemon->gantry({"rm", "-f", "idle", "loner"}).code, 0);
}

TEST_F(RunOptions, user_namespaces_have_ranges_of_their_own) {
  const auto first_uid = [](const std::string& name) {
    return daemon->gantry({"inspect", "-f", "{{(index .Gantry.UserNamespace.UIDMappings 0).HostID}}", name}).out;
  };
  const auto start = [](const std::string& name) {
    return daemon->gantry(
        {"run", "-d", "--name", name, "--network", "none", "--userns", "auto:size=1000", "busybox", "sleep", "1000"});
  };
  const Output one = start("one");
  if (one.err.find("Linux 5.19") != std::string::npos) GTEST_SKIP() << one.err;
  ASSERT_EQ(one.code, 0) << one.err;
  ASSERT_EQ(start("two").code, 0);
  EXPECT_EQ(daemon->gantry({"exec", "one", "sh", "-c", "id -u; stat -c %u /bin/busybox; tr -s ' ' </proc/self/uid_map"}).out,
            "0\n0\n 0 " + first_uid("one").substr(0, 10) + " 1000\n");
  const long distance = std::stol(first_uid("two")) - std::stol(first_uid("one"));
  EXPECT_EQ(distance, 1000);
  // Its files are the container's ids' on disk: export and diff show them as the container does.
  EXPECT_EQ(daemon->gantry({"exec", "one", "sh", "-c", "touch /made; chown 77 /made"}).code, 0);
  EXPECT_NE(daemon->gantry({"diff", "one"}).out.find("A /made\n"), std::string::npos);
  const std::string tar = daemon->dir() + "/one.tar";
  ASSERT_EQ(daemon->gantry({"export", "-o", tar, "one"}).code, 0);
  EXPECT_NE(run({"/bin/sh", "-c", "tar --numeric-owner -tvf " + tar + " | grep made"}).out.find(" 77/0 "), std::string::npos);
  // A range is kept over the daemon's death, and free again with its container.
  daemon->kill();
  daemon->start();
  EXPECT_EQ(daemon->gantry({"restart", "-t", "0", "one"}).code, 0);
  const std::string freed = first_uid("one");
  EXPECT_EQ(daemon->gantry({"exec", "one", "stat", "-c", "%u", "/made"}).out, "77\n");
  EXPECT_EQ(daemon->gantry({"rm", "-f", "one"}).code, 0);
  ASSERT_EQ(start("three").code, 0);
  EXPECT_EQ(first_uid("three"), freed);
  EXPECT_EQ(daemon->gantry({"rm", "-f", "two", "three"}).code, 0);
}

TEST_F(RunOptions, a_paused_or_stopped_container_takes_no_exec) {
  ASSERT_EQ(daemon->gantry({"run", "-d", "--name", "sleeper", "--network", "none", "busybox", "sleep", "1000"}).code, 0);
  ASSERT_EQ(daemon->gantry({"pause", "sleeper"}).code, 0);
  const Output paused = daemon->gantry({"exec", "sleeper", "true"});
  EXPECT_NE(paused.err.find("is paused, unpause the container before exec"), std::string::npos) << paused.err;
  EXPECT_EQ(daemon->gantry({"unpause", "sleeper"}).code, 0);
  EXPECT_EQ(daemon->gantry({"exec", "sleeper", "true"}).code, 0);
  EXPECT_EQ(daemon->gantry({"kill", "sleeper"}).code, 0);
  ASSERT_TRUE(eventually([] { return daemon->gantry({"inspect", "-f", "{{.State.Running}}", "sleeper"}).out == "false\n"; }));
  const Output dead = daemon->gantry({"exec", "sleeper", "true"});
  EXPECT_NE(dead.err.find("is not running"), std::string::npos) << dead.err;
  EXPECT_EQ(daemon->gantry({"rm", "sleeper"}).code, 0);
}

/// A file of the test's own over one of the host's: the test program has a mount namespace to itself.
class ReplacedFile {
 public:
  ReplacedFile(const std::string& directory, std::string path, const std::string& text) : path_(std::move(path)) {
    const std::string file = directory + "/" + std::filesystem::path(path_).filename().string();
    std::ofstream(file) << text;
    EXPECT_EQ(::mount(file.c_str(), path_.c_str(), nullptr, MS_BIND, nullptr), 0);
  }
  ReplacedFile(const ReplacedFile&) = delete;
  ReplacedFile& operator=(const ReplacedFile&) = delete;
  ~ReplacedFile() { ::umount2(path_.c_str(), MNT_DETACH); }

 private:
  std::string path_;
};

TEST(RemappedDaemon, gives_containers_the_subordinate_ids_of_a_user) {
  if (auto why = need_root() + need_busybox(); !why.empty()) GTEST_SKIP() << why;
  if (!std::filesystem::exists("/etc/subuid") || !std::filesystem::exists("/etc/subgid")) GTEST_SKIP() << "needs /etc/subuid";
  Daemon daemon({"--userns-remap", "root"});
  const ReplacedFile uids(daemon.dir(), "/etc/subuid", "root:600000:65536\n");
  const ReplacedFile gids(daemon.dir(), "/etc/subgid", "root:610000:65536\n");
  daemon.start();
  import_busybox(daemon);
  const auto in_container = [&](std::vector<std::string> options, const char* command) {
    options.insert(options.begin(), {"run", "--rm", "--network", "none"});
    options.insert(options.end(), {"busybox", "sh", "-c", command});
    return daemon.gantry(options);
  };
  const char* maps = "cat /proc/self/uid_map /proc/self/gid_map | awk '{print $1,$2,$3}'; stat -c %u /bin/busybox /etc/hosts";
  const Output o = in_container({}, maps);
  EXPECT_EQ(o.out, "0 600000 65536\n0 610000 65536\n0\n0\n") << o.err;
  CommandOptions dockerfile; // the files of a stage, a cache and a secret belong to who is root in the step
  dockerfile.input =
      "FROM busybox AS s\nRUN mkdir /t && echo 1 > /t/f && chmod 600 /t/f\nFROM busybox\n"
      "RUN --mount=from=s,source=/t,target=/m,rw --mount=from=s,source=/t/f,target=/f --mount=type=cache,target=/c "
      "--mount=type=secret,id=s,env=S --mount=type=secret,id=s,required cat /m/f /f /run/secrets/s && touch /m/g /c/g && test $S "
      "= 2 && "
      "stat -c %u:%g /m/f /f /c /run/secrets/s | sort -u\n";
  dockerfile.env = {{"SECRET", "2"}};
  const Output built = daemon.gantry({"build", "--network", "none", "--secret", "id=s,env=SECRET", "-"}, dockerfile);
  EXPECT_EQ(built.code, 0) << built.out << built.err;
  EXPECT_NE(built.out.find("0:0"), std::string::npos) << built.out;
  EXPECT_EQ(in_container({"--userns", "host"}, maps).out, "0 0 4294967295\n0 0 4294967295\n0\n0\n");
  const Output refused = in_container({"--privileged"}, "true");
  EXPECT_NE(refused.err.find("privileged mode is incompatible with user namespaces"), std::string::npos) << refused.err;
  EXPECT_NE(daemon.gantry({"info", "--format", "{{json .SecurityOptions}}"}).out.find("\"name=userns\""), std::string::npos);
  EXPECT_EQ(daemon.gantry({"info", "--format", "{{.DockerRootDir}}"}).out, daemon.data_root() + "/600000.610000\n");
  ASSERT_EQ(daemon.gantry({"run", "-d", "--name", "first", "--network", "none", "busybox", "sleep", "1000"}).code, 0);
  EXPECT_EQ(
      daemon
          .gantry({"run", "--rm", "--network", "container:first", "--pid", "container:first", "busybox", "sh", "-c",
                   "for n in user net pid; do [ $(readlink /proc/1/ns/$n) = $(readlink /proc/self/ns/$n) ] && echo $n; done"})
          .out,
      "user\nnet\npid\n");
  EXPECT_EQ(daemon.gantry({"rm", "-f", "first"}).code, 0);
}

} // namespace
} // namespace gantry::test
