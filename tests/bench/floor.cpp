// The floor that `./dev bench` compares with: the kernel calls that a container cannot do without, and nothing else.
//   floor [--bridge NAME] LOWER SCRATCH PROGRAM [ARG...]
// clones into new namespaces, mounts an overlay of LOWER (upper and work below SCRATCH), proc, dev, sys, pivots,
// executes PROGRAM and waits. No cgroup, no seccomp, no capabilities, no log, no state. With a bridge: a veth pair between it and
// the new network namespace, with an address and a default route, before the program runs (gantry-floor-bridge only).
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#ifdef FLOOR_BRIDGE
#include "net-common/container_link.hpp"
#include "net-common/socket.hpp"
#endif

namespace {

void check(bool ok, const char* what) {
  if (ok) return;
  std::fprintf(stderr, "floor: %s: %s\n", what, std::strerror(errno));
  _exit(1);
}

void inside(const std::string& lower, const std::string& scratch, char** argv) {
  check(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "make / private");
  const std::string root = scratch + "/merged";
  const std::string options = "lowerdir=" + lower + ",upperdir=" + scratch + "/upper,workdir=" + scratch + "/work";
  check(mount("overlay", root.c_str(), "overlay", 0, options.c_str()) == 0, "overlay");
  check(chdir(root.c_str()) == 0, "chdir");
  for (const char* dir : {"proc", "dev", "sys"}) mkdir(dir, 0755);
  check(mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0, "proc");
  check(mount("tmpfs", "dev", "tmpfs", MS_NOSUID, "mode=755,size=65536k") == 0, "dev");
  check(mount("sysfs", "sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, nullptr) == 0, "sys");
  mkdir("dev/pts", 0755);
  mkdir("dev/shm", 01777);
  mkdir("dev/mqueue", 0755);
  check(mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620") == 0, "devpts");
  check(mount("shm", "dev/shm", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=1777,size=65536k") == 0, "shm");
  check(mount("mqueue", "dev/mqueue", "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0, "mqueue");
  check(syscall(SYS_pivot_root, ".", ".") == 0, "pivot_root");
  check(umount2(".", MNT_DETACH) == 0, "umount old root");
  check(chdir("/") == 0, "chdir /");
  execv(argv[0], argv);
  check(false, argv[0]);
}

/// Waits for the parent to have made the network, where there is one to make.
void wait_for(int fd) {
  char byte = 0;
  check(fd < 0 || read(fd, &byte, 1) == 1, "wait for the network");
}

#ifdef FLOOR_BRIDGE
void make_network(const std::string& bridge, pid_t pid) {
  using namespace gantry;
  const UniqueFd netns(open(("/proc/" + std::to_string(pid) + "/ns/net").c_str(), O_RDONLY | O_CLOEXEC));
  net::Message message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  auto& ours = message.header<ifinfomsg>();
  ours.ifi_flags = ours.ifi_change = IFF_UP;
  message.put_text(IFLA_IFNAME, "floor" + std::to_string(pid)).put_u32(IFLA_MASTER, if_nametoindex(bridge.c_str()));
  nlattr* info = message.begin(IFLA_LINKINFO);
  message.put_text(IFLA_INFO_KIND, "veth");
  nlattr* data = message.begin(IFLA_INFO_DATA);
  nlattr* peer = message.begin(VETH_INFO_PEER);
  message.nested_header<ifinfomsg>();
  message.put_text(IFLA_IFNAME, "eth0").put_u32(IFLA_NET_NS_FD, static_cast<std::uint32_t>(netns.get()));
  message.end(peer);
  message.end(data);
  message.end(info);
  net::Socket socket(NETLINK_ROUTE);
  errno = socket.run(std::move(message));
  check(errno == 0, "veth");
  net::ContainerLink link;
  link.name = "eth0";
  link.addresses = {net::parse_ip("172.31.255.2/16")};
  link.gateway4 = net::parse_ip("172.31.0.1");
  (void)net::configure(netns.get(), link);
}
#else
void make_network(const std::string&, pid_t) { check(false, "this floor has no network"); }
#endif

} // namespace

int main(int argc, char** argv) {
  std::string bridge;
  if (argc > 2 && std::strcmp(argv[1], "--bridge") == 0) {
    bridge = argv[2];
    argc -= 2;
    argv += 2;
  }
  if (argc < 4) {
    std::fprintf(stderr, "usage: floor [--bridge NAME] LOWER SCRATCH PROGRAM [ARG...]\n");
    return 2;
  }
  const std::string scratch = argv[2];
  for (const char* dir : {"/upper", "/work", "/merged"}) mkdir((scratch + dir).c_str(), 0755);

  int ready[2] = {-1, -1};
  if (!bridge.empty()) check(pipe2(ready, O_CLOEXEC) == 0, "pipe");
  clone_args args{};
  args.flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET | (bridge.empty() ? CLONE_VFORK : 0);
  args.exit_signal = SIGCHLD;
  const long pid = syscall(SYS_clone3, &args, sizeof args);
  check(pid >= 0, "clone3");
  if (pid == 0) {
    wait_for(ready[0]);
    inside(argv[1], scratch, argv + 3);
  }
  if (!bridge.empty()) {
    make_network(bridge, static_cast<pid_t>(pid));
    check(write(ready[1], "x", 1) == 1, "release the program");
  }
  int status = 0;
  check(waitpid(static_cast<pid_t>(pid), &status, 0) == pid, "waitpid");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
