#include "containers/spec/seccomp_table.hpp"

#include <cerrno>

// The calls that Docker's default profile allows, on kernels from 4.8 on. io_uring is not among them: it has been a way
// around other restrictions. Names that a libseccomp does not know yet are left out by the runtime.
namespace gantry::containers {
namespace {

// clone(2) may not make namespaces: CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET.
constexpr std::uint64_t namespace_flags = 0x7e020000;
constexpr std::uint64_t af_vsock = 40;

constexpr std::string_view equal = "SCMP_CMP_EQ", not_equal = "SCMP_CMP_NE", masked_equal = "SCMP_CMP_MASKED_EQ";

constexpr SyscallRule rules[] = {
    // files by path
    {"access chdir chmod chown chown32 creat faccessat faccessat2 fanotify_mark fchdir fchmodat fchmodat2 fchownat "
     "fgetxattr flistxattr fremovexattr fsetxattr fstatat64 futimesat getcwd getxattr getxattrat inotify_add_watch "
     "inotify_init inotify_init1 inotify_rm_watch lchown lchown32 lgetxattr link linkat listxattr listxattrat "
     "llistxattr lremovexattr lsetxattr lstat lstat64 mkdir mkdirat mknod mknodat name_to_handle_at newfstatat open "
     "openat openat2 readlink readlinkat removexattr removexattrat rename renameat renameat2 rmdir setxattr "
     "setxattrat stat stat64 statfs statfs64 statx symlink symlinkat truncate truncate64 umask unlink unlinkat utime "
     "utimensat utimensat_time64 utimes"},
    // files by descriptor
    {"_llseek cachestat close close_range copy_file_range dup dup2 dup3 fadvise64 fadvise64_64 fallocate fchmod "
     "fchown fchown32 fcntl fcntl64 fdatasync flock fstat fstat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 "
     "getdents getdents64 io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup io_submit "
     "ioctl lseek pipe pipe2 pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead readv sendfile "
     "sendfile64 splice sync sync_file_range syncfs tee vmsplice write writev"},
    // waiting
    {"_newselect epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait "
     "epoll_wait_old eventfd eventfd2 poll ppoll ppoll_time64 pselect6 pselect6_time64 select signalfd signalfd4 "
     "timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64"},
    // sockets
    {"accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom recvmmsg recvmmsg_time64 "
     "recvmsg send sendmmsg sendmsg sendto setsockopt shutdown socketcall socketpair"},
    // memory
    {"brk madvise map_shadow_stack membarrier memfd_create memfd_secret mincore mlock mlock2 mlockall mmap mmap2 "
     "mprotect mremap mseal msync munlock munlockall munmap pkey_alloc pkey_free pkey_mprotect remap_file_pages"},
    // System V and POSIX IPC
    {"ipc mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 "
     "mq_unlink msgctl msgget msgrcv msgsnd semctl semget semop semtimedop semtimedop_time64 shmat shmctl shmdt "
     "shmget"},
    // signals
    {"kill pause pidfd_open pidfd_send_signal restart_syscall rt_sigaction rt_sigpending rt_sigprocmask "
     "rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo "
     "sigaltstack sigprocmask sigreturn tgkill tkill"},
    // time
    {"adjtimex alarm clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime clock_gettime64 "
     "clock_nanosleep clock_nanosleep_time64 getitimer gettimeofday nanosleep setitimer time timer_create "
     "timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 times"},
    // identity
    {"capget capset getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 getresgid getresgid32 "
     "getresuid getresuid32 getuid getuid32 setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups "
     "setgroups32 setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setuid "
     "setuid32"},
    // processes and threads
    {"execve execveat exit exit_group fork futex futex_requeue futex_time64 futex_wait futex_waitv futex_wake "
     "get_robust_list get_thread_area getcpu getpgid getpgrp getpid getppid getpriority getrandom getrlimit "
     "getrusage getsid gettid ioprio_get ioprio_set landlock_add_rule landlock_create_ruleset landlock_restrict_self "
     "prctl prlimit64 process_mrelease process_vm_readv process_vm_writev ptrace rseq sched_get_priority_max "
     "sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval "
     "sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield "
     "seccomp set_robust_list set_thread_area set_tid_address setpgid setpriority setrlimit setsid sysinfo "
     "ugetrlimit uname uretprobe vfork wait4 waitid waitpid"},

    // vsock reaches the hypervisor past every network namespace
    {.names = "socket", .argument = SyscallArgument{0, not_equal, af_vsock}},
    // PER_LINUX, PER_LINUX32, both with UNAME26, and the query
    {.names = "personality", .argument = SyscallArgument{0, equal, 0x0}},
    {.names = "personality", .argument = SyscallArgument{0, equal, 0x0008}},
    {.names = "personality", .argument = SyscallArgument{0, equal, 0x20000}},
    {.names = "personality", .argument = SyscallArgument{0, equal, 0x20008}},
    {.names = "personality", .argument = SyscallArgument{0, equal, 0xffffffff}},

    {.names = "clone",
     .unless = "CAP_SYS_ADMIN",
     .architectures = "x86_64 aarch64 riscv64 ppc64le i686 armv7l",
     .argument = SyscallArgument{0, masked_equal, namespace_flags}},
    {.names = "clone",
     .unless = "CAP_SYS_ADMIN",
     .architectures = "s390x", // its first two parameters are swapped
     .argument = SyscallArgument{1, masked_equal, namespace_flags}},
    // Its flags lie in memory, where a filter cannot look; "not implemented" makes libc use clone instead.
    {.names = "clone3", .unless = "CAP_SYS_ADMIN", .refused_with = ENOSYS},

    {.names = "arch_prctl", .architectures = "x86_64"},
    {.names = "modify_ldt", .architectures = "x86_64 i686"},
    {.names = "sync_file_range2 swapcontext", .architectures = "ppc64le"},
    {.names = "arm_fadvise64_64 arm_sync_file_range breakpoint cacheflush set_tls sync_file_range2",
     .architectures = "aarch64 armv7l"},
    {.names = "s390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr", .architectures = "s390x"},
    {.names = "riscv_flush_icache riscv_hwprobe", .architectures = "riscv64"},

    {.names = "bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick listmount lookup_dcookie lsm_get_self_attr "
              "lsm_list_modules lsm_set_self_attr mount mount_setattr move_mount open_tree perf_event_open quotactl quotactl_fd "
              "setdomainname sethostname setns statmount syslog umount umount2 unshare",
     .needs = "CAP_SYS_ADMIN"},
    {.names = "open_by_handle_at", .needs = "CAP_DAC_READ_SEARCH"},
    {.names = "reboot", .needs = "CAP_SYS_BOOT"},
    {.names = "chroot", .needs = "CAP_SYS_CHROOT"},
    {.names = "delete_module finit_module init_module", .needs = "CAP_SYS_MODULE"},
    {.names = "acct", .needs = "CAP_SYS_PACCT"},
    {.names = "kcmp pidfd_getfd process_madvise", .needs = "CAP_SYS_PTRACE"},
    {.names = "ioperm iopl", .needs = "CAP_SYS_RAWIO"},
    {.names = "clock_settime clock_settime64 settimeofday stime", .needs = "CAP_SYS_TIME"},
    {.names = "vhangup", .needs = "CAP_SYS_TTY_CONFIG"},
    {.names = "get_mempolicy mbind set_mempolicy set_mempolicy_home_node", .needs = "CAP_SYS_NICE"},
    {.names = "syslog", .needs = "CAP_SYSLOG"},
    {.names = "bpf", .needs = "CAP_BPF"},
    {.names = "perf_event_open", .needs = "CAP_PERFMON"},
};

} // namespace

std::span<const SyscallRule> seccomp_rules() { return rules; }

} // namespace gantry::containers
