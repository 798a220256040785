// The floor that `./dev bench` compares with: the kernel calls that a container cannot do without, and nothing else.
//   floor LOWER SCRATCH PROGRAM [ARG...]
// clones into new namespaces, mounts an overlay of LOWER (upper and work below SCRATCH), proc, dev, sys, pivots,
// executes PROGRAM and waits. No cgroup, no seccomp, no capabilities, no log, no state.
#include <fcntl.h>
#include <linux/sched.h>
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

} // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: floor LOWER SCRATCH PROGRAM [ARG...]\n");
    return 2;
  }
  const std::string scratch = argv[2];
  for (const char* dir : {"/upper", "/work", "/merged"}) mkdir((scratch + dir).c_str(), 0755);

  clone_args args{};
  args.flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET | CLONE_VFORK;
  args.exit_signal = SIGCHLD;
  const long pid = syscall(SYS_clone3, &args, sizeof args);
  check(pid >= 0, "clone3");
  if (pid == 0) inside(argv[1], scratch, argv + 3);
  int status = 0;
  check(waitpid(static_cast<pid_t>(pid), &status, 0) == pid, "waitpid");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
