#include "cli/client/tls.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "cli/client/host.hpp"
#include "cli/failure.hpp"

extern char** environ;

namespace gantry::cli {
namespace {

/// What the helper has open: the client's stream, and the pipe that it tells on how it went.
constexpr int stream_fd = 3, report_fd = 4;
/// Above both, so that neither is in the other's way when they are put into their places.
constexpr int first_fd = 10;

struct Pair {
  UniqueFd ours, theirs;
};

Pair pair_of(int (&ends)[2], int result) {
  if (result != 0) throw Failure(std::string("cannot make a socket: ") + std::strerror(errno));
  Pair pair{UniqueFd(ends[0]), UniqueFd(::fcntl(ends[1], F_DUPFD_CLOEXEC, first_fd))};
  ::close(ends[1]);
  return pair;
}

/// In a process group of its own: what is typed at the terminal is no signal for it.
void start_helper(const Host& host, int stream, int report) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  // Beside this program, or beside the helper that this program is.
  auto directory = self.parent_path();
  if (directory.filename() != "gantry") directory = directory.parent_path() / "libexec/gantry";
  const std::string program = (directory / "gantry-tls").string();
  const TlsOptions& tls = *host.tls;
  std::array<std::string, 7> words{"gantry-tls",    host.name,       host.port, tls.verify ? "verify" : "trust",
                                   tls.authorities, tls.certificate, tls.key};
  std::array<char*, 8> argv{};
  for (std::size_t i = 0; i < words.size(); ++i) argv[i] = words[i].data();
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, stream, stream_fd);
  ::posix_spawn_file_actions_adddup2(&actions, report, report_fd);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none;
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  pid_t pid = 0;
  const int failed = ::posix_spawn(&pid, program.c_str(), &actions, &attributes, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  if (failed != 0) throw Failure("run " + program + ": " + std::strerror(failed));
}

} // namespace

Connection connect_tls(const Host& host) {
  int ends[2];
  Pair stream = pair_of(ends, ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
  Pair report = pair_of(ends, ::pipe2(ends, O_CLOEXEC));
  start_helper(host, stream.theirs.get(), report.theirs.get());
  stream.theirs.reset();
  report.theirs.reset();
  Connection connection{std::move(stream.ours), {}, std::move(report.ours)};
  // "+" when they have agreed; what it says later is why the connection ended.
  const std::string told = connection.told(1);
  if (told == "+") return connection;
  if (told == "?") throw ConnectionLost("Cannot connect to the Gantry daemon at " + host.text + ". Is gantryd running?");
  if (told == "!") throw Failure("Failed to initialize: failed to retrieve context tls info: " + connection.told());
  throw TlsFailure(told + connection.told());
}

} // namespace gantry::cli
