// How a process comes to be: its pipes, clone3, its id maps. The other verbs of Process are in process.cpp.
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <initializer_list>

#include "init/id_maps.hpp"
#include "init/init.hpp"
#include "shim/init_socket.hpp"
#include "shim/process.hpp"
#include "shim/streams.hpp"

namespace gantry::runtime_linux::shim {

namespace {

bool make_pipe(UniqueFd& reader, UniqueFd& writer) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) < 0) return false;
  reader.reset(ends[0]);
  writer.reset(ends[1]);
  return true;
}

/// Room for what a program writes while the shim is busy with what it wrote before.
constexpr int output_pipe_size = 256 * 1024;

void set_nonblocking(const UniqueFd& fd) { ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK); }

/// The next child is born in this pid namespace (setns(2): the caller itself stays).
class PidNamespaceForChildren {
 public:
  int enter(const PlanView& plan, int container) {
    UniqueFd target;
    for (const PlanNamespacePath& entry : plan.array<PlanNamespacePath>(plan->joined_namespaces))
      if (entry.type == CLONE_NEWPID) target.reset(::open(plan.string(entry.path), O_RDONLY | O_CLOEXEC));
    const int fd = container >= 0 ? container : target.get();
    if (fd < 0) return 0;
    own_.reset(::open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC));
    if (!own_ || ::setns(fd, CLONE_NEWPID) < 0) return errno;
    entered_ = true;
    return 0;
  }
  ~PidNamespaceForChildren() {
    if (entered_) ::setns(own_.get(), CLONE_NEWPID);
  }

 private:
  UniqueFd own_;
  bool entered_ = false;
};

/// A program in a user namespace can only be given what has an owner there.
void give_pipes_to_root(const PlanView& container_plan, std::initializer_list<int> pipes) {
  if (!init::has_id_maps(container_plan)) return;
  struct stat info {};
  for (const int fd : pipes)
    if (fd >= 0 && ::fstat(fd, &info) == 0 && S_ISFIFO(info.st_mode))
      (void)!::fchown(fd, init::host_uid(container_plan, 0), init::host_gid(container_plan, 0));
}

} // namespace

int Process::open_pipes(ChildEnds& ends) {
  if (tty()) return 0;
  UniqueFd out, err, in;
  if (!make_pipe(out, ends.out) || !make_pipe(err, ends.err)) return errno;
  if (plan_->process.stdio.open_stdin) {
    if (!make_pipe(ends.in, in)) return errno;
    set_nonblocking(in);
    input_ = new Input(loop_, *this, static_cast<UniqueFd&&>(in));
  } else {
    ends.in.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!ends.in) return errno;
  }
  for (const UniqueFd* each : {&out, &err}) {
    set_nonblocking(*each);
    ::fcntl(each->get(), F_SETPIPE_SZ, output_pipe_size);
  }
  outputs_[0] = new Output(loop_, *this, StreamKind::out, static_cast<UniqueFd&&>(out));
  outputs_[1] = new Output(loop_, *this, StreamKind::err, static_cast<UniqueFd&&>(err));
  return 0;
}

int Process::write_id_maps() {
  if (!(plan_->namespaces & CLONE_NEWUSER)) return 0;
  if (const int err = init::write_id_maps(plan_, pid_)) return err;
  init_->send_go();
  return 0;
}

/// What fails before init exists is told by the socket, as init itself would; there is no pid then.
int Process::spawn_mapped(const ChildEnds& ends) {
  void* page = ::mmap(nullptr, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return errno;
  auto* init_pid = static_cast<volatile int*>(page);
  clone_args args{};
  args.flags = CLONE_NEWNS;
  args.exit_signal = SIGCHLD;
  const long creator = ::syscall(SYS_clone3, &args, sizeof args);
  if (creator == 0) init::create_mapped(plan_, {ends.report.get(), ends.in.get(), ends.out.get(), ends.err.get()}, init_pid);
  const int err = creator < 0 ? errno : 0;
  if (creator > 0) ::waitpid(static_cast<pid_t>(creator), nullptr, 0);
  pid_ = *init_pid;
  ::munmap(page, sizeof(int));
  if (err || !pid_) return err;
  // Its parent is this process, which has not reaped it: the number is still its own.
  pidfd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  return pidfd_ ? write_id_maps() : errno;
}

int Process::spawn(int container, const PlanView& container_plan) {
  ChildEnds ends;
  if (const int err = open_pipes(ends)) return err;
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) return errno;
  UniqueFd mine(pair[0]);
  ends.report.reset(pair[1]);
  give_pipes_to_root(container_plan, {ends.in.get(), ends.out.get(), ends.err.get()});
  if (container < 0 && init::has_id_maps(plan_)) {
    init_ = new InitSocket(loop_, *this, static_cast<UniqueFd&&>(mine));
    return spawn_mapped(ends);
  }

  PidNamespaceForChildren born_in;
  if (const int err = born_in.enter(plan_, container)) return err;
  const char* v2 = container_plan.string(container_plan->cgroup_v2);
  const UniqueFd cgroup(*v2 ? ::open(v2, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1);
  int pidfd = -1;
  clone_args args{};
  args.flags = CLONE_PIDFD | (container < 0 ? plan_->namespaces & init::cloned_namespaces : 0) | (cgroup ? CLONE_INTO_CGROUP : 0);
  args.pidfd = reinterpret_cast<std::uint64_t>(&pidfd);
  args.exit_signal = SIGCHLD;
  args.cgroup = static_cast<std::uint64_t>(cgroup.get());
  const long pid = ::syscall(SYS_clone3, &args, sizeof args);
  if (pid < 0) return errno;
  if (pid == 0) {
    const init::Inherited inherited{ends.report.get(), ends.in.get(), ends.out.get(),
                                    ends.err.get(),    container,     static_cast<bool>(cgroup)};
    if (container < 0) init::run_container(plan_, inherited);
    init::run_exec(plan_, container_plan, inherited);
  }
  pid_ = static_cast<int>(pid);
  pidfd_.reset(pidfd);
  init_ = new InitSocket(loop_, *this, static_cast<UniqueFd&&>(mine));
  if (container >= 0) {
    released_ = true;
    return 0;
  }
  return write_id_maps();
}

} // namespace gantry::runtime_linux::shim
