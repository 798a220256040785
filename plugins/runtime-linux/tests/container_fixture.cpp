#include "container_fixture.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "support/need.hpp"

namespace gantry::runtime_linux::test {
namespace fs = std::filesystem;
namespace {

constexpr int patience_ms = 10'000;
constexpr const char* busybox = "/bin/busybox";

const Json docker_capabilities = {
    "CAP_CHOWN",  "CAP_DAC_OVERRIDE", "CAP_FSETID",  "CAP_FOWNER",           "CAP_MKNOD",      "CAP_NET_RAW", "CAP_SETGID",
    "CAP_SETUID", "CAP_SETFCAP",      "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL",    "CAP_AUDIT_WRITE"};

Json mount(const char* destination, const char* type, const char* source, Json options) {
  return {{"destination", destination}, {"type", type}, {"source", source}, {"options", std::move(options)}};
}

void make_root(const fs::path& root) {
  for (const char* directory : {"bin", "etc", "tmp", "proc", "sys", "dev"}) fs::create_directories(root / directory);
  fs::copy_file(busybox, root / "bin/busybox", fs::copy_options::overwrite_existing);
  for (const char* name : {"sh",       "true",   "false", "cat",  "ls",       "id",    "echo", "sleep", "env",
                           "pwd",      "stat",   "grep",  "head", "seq",      "mount", "stty", "kill",  "touch",
                           "hostname", "ulimit", "dd",    "yes",  "readlink", "wc",    "ip",   "ps",    "mkdir"})
    fs::create_symlink("busybox", root / "bin" / name);
  std::ofstream(root / "etc/passwd")
      << "root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1::/usr/sbin:/bin/sh\nalice:x:1000:1001::/home/alice:/bin/sh\n";
  std::ofstream(root / "etc/group") << "root:x:0:\ndaemon:x:1:\nstaff:x:50:alice\nwheel:x:10:root,alice\nalice:x:1001:\n";
  fs::permissions(root / "tmp", fs::perms::all);
}

} // namespace

TestHost::TestHost(const std::string& directory)
    : state_(directory + "/state"),
      run_(directory + "/run"),
      libexec_(GANTRY_TEST_LIBEXEC_DIR),
      instance_("t" + std::to_string(::getpid())) {
  fs::create_directories(state_);
  fs::create_directories(run_);
}

Json default_spec(const std::vector<std::string>& args) {
  Json spec;
  spec["ociVersion"] = "1.0.2";
  spec["hostname"] = "box";
  spec["process"] = {
      {"args", args},
      {"env", {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "X=y"}},
      {"cwd", "/"},
      {"capabilities",
       {{"bounding", docker_capabilities}, {"effective", docker_capabilities}, {"permitted", docker_capabilities}}}};
  spec["mounts"] = {
      mount("/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}),
      mount("/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}),
      mount("/dev/pts", "devpts", "devpts", {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}),
      mount("/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"}),
      mount("/sys/fs/cgroup", "cgroup", "cgroup", {"ro", "nosuid", "noexec", "nodev"}),
      mount("/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}),
      mount("/dev/shm", "tmpfs", "shm", {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"})};
  Json& linux_part = spec["linux"];
  for (const char* type : {"pid", "mount", "ipc", "uts", "network", "cgroup"})
    linux_part["namespaces"].push_back({{"type", type}});
  linux_part["maskedPaths"] = {"/proc/asound",     "/proc/acpi",        "/proc/kcore",       "/proc/keys", "/proc/latency_stats",
                               "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware"};
  linux_part["readonlyPaths"] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};
  linux_part["resources"]["devices"] = {{{"allow", false}, {"access", "rwm"}}};
  return spec;
}

ClientPair make_client() {
  int pair[2] = {-1, -1};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  return {UniqueFd(pair[0]), UniqueFd(pair[1])};
}

std::string read_all(int fd) {
  std::string text;
  char part[65536];
  pollfd wait{fd, POLLIN, 0};
  while (::poll(&wait, 1, patience_ms) > 0) {
    const ssize_t n = ::read(fd, part, sizeof part);
    if (n <= 0) return text;
    text.append(part, static_cast<std::size_t>(n));
  }
  ADD_FAILURE() << "the stream did not end";
  return text;
}

std::string unframe(const std::string& frames, char stream) {
  std::string text;
  for (std::size_t at = 0; at + 8 <= frames.size();) {
    const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(frames[at + i])); };
    const std::size_t size = byte(4) << 24 | byte(5) << 16 | byte(6) << 8 | byte(7);
    if (frames[at] == stream) text += frames.substr(at + 8, size);
    at += 8 + size;
  }
  return text;
}

bool hung_up(int fd) {
  pollfd wait{fd, POLLIN, 0};
  return ::poll(&wait, 1, patience_ms) == 1;
}

void ContainerTest::SetUp() {
  if (const std::string why = gantry::test::need_root(); !why.empty()) GTEST_SKIP() << why;
  if (!fs::exists(busybox)) GTEST_SKIP() << "needs " << busybox;
  char name[] = "/tmp/gantry-runtime-XXXXXX";
  directory_ = ::mkdtemp(name);
  make_root(directory_ / "root");
  host_ = std::make_unique<TestHost>(directory_);
  driver_ = std::make_unique<LinuxDriver>(*host_);
}

void ContainerTest::TearDown() {
  if (!driver_) return;
  for (const std::string& id : ids_) driver_->remove(call_, id, true);
  EXPECT_TRUE(leftovers().empty()) << "left behind: " << leftovers().front();
  driver_.reset();
  EXPECT_TRUE(cgroup_parents().empty()) << "left behind: " << cgroup_parents().front();
  fs::remove_all(directory_);
}

std::string ContainerTest::fresh_id() { return "c" + std::to_string(++next_); }

RuntimeCreate ContainerTest::request(const std::string& id, const Json& spec) {
  RuntimeCreate create;
  create.id = id;
  create.bundle = directory_ / ("bundle-" + id);
  fs::create_directories(create.bundle);
  create.oci_spec_json = spec.dump();
  const fs::path scratch = directory_ / ("scratch-" + id);
  fs::create_directories(scratch / "upper");
  fs::create_directories(scratch / "work");
  create.rootfs = {
      {"overlay",
       "overlay",
       "",
       {"lowerdir=" + root(), "upperdir=" + (scratch / "upper").string(), "workdir=" + (scratch / "work").string()}}};
  create.log.path = create.bundle + "/log";
  ids_.push_back(id);
  return create;
}

ContainerTest::Outcome ContainerTest::run(const RuntimeCreate& wanted) {
  const RuntimeProcess process = driver_->create(call_, wanted);
  driver_->start(call_, wanted.id);
  Outcome outcome;
  if (!hung_up(process.exit_fd.get())) {
    ADD_FAILURE() << "the container did not end";
    return outcome;
  }
  outcome.code = driver_->exit_info(call_, wanted.id, "")->code;
  outcome.output = log_text(wanted.id);
  driver_->remove(call_, wanted.id, false);
  return outcome;
}

Error ContainerTest::failure_of(const RuntimeCreate& wanted) {
  try {
    driver_->create(call_, wanted);
    driver_->start(call_, wanted.id);
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "it was started";
  return {Code::unknown, ""};
}

std::string ContainerTest::log_text(const std::string& id) const {
  std::ifstream in(directory_ / ("bundle-" + id) / "log");
  std::string text;
  for (std::string line; std::getline(in, line);) text += Json::parse(line)["log"].get<std::string>();
  return text;
}

std::vector<std::string> ContainerTest::cgroup_parents() const {
  const Hierarchies all = find_hierarchies();
  std::vector<std::string> parents{all.v2_directory("/" + host_->instance())};
  for (const Hierarchy& each : all.v1) parents.push_back(each.mount + each.base + "/" + host_->instance());
  std::erase_if(parents, [](const std::string& each) { return each.empty() || !fs::exists(each); });
  return parents;
}

std::vector<std::string> ContainerTest::leftovers() const {
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator(host_->run_dir())) found.push_back(entry.path());
  for (const std::string& parent : cgroup_parents())
    for (const auto& entry : fs::directory_iterator(parent))
      if (entry.is_directory()) found.push_back(entry.path());
  std::ifstream mounts("/proc/self/mounts");
  for (std::string line; std::getline(mounts, line);)
    if (line.find(directory_.string()) != std::string::npos) found.push_back(line);
  return found;
}

RuntimeExec ContainerTest::exec_request(const std::string& id, const std::string& exec_id, const std::vector<std::string>& args) {
  RuntimeExec exec;
  exec.id = id;
  exec.exec_id = exec_id;
  exec.oci_process_json = default_spec(args)["process"].dump();
  return exec;
}

} // namespace gantry::runtime_linux::test
