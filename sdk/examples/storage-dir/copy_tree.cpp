#include "copy_tree.hpp"

#include <spawn.h>
#include <sys/wait.h>

#include <cerrno>

#include <gantry/sdk/error.hpp>

extern char** environ;

void copy_tree(const std::string& from, const std::string& to, const std::string& reflink) {
  std::string program = "cp", archive = "-a", share = "--reflink=" + reflink, end = "--", source = from + "/.", target = to;
  char* argv[] = {program.data(), archive.data(), share.data(), end.data(), source.data(), target.data(), nullptr};
  pid_t pid = 0;
  if (const int err = ::posix_spawnp(&pid, "cp", nullptr, nullptr, argv, environ))
    throw gantry::Error(gantry::Code::internal, "cannot run cp", err);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (status != 0)
    throw gantry::Error(gantry::Code::internal, "cp of " + from + " to " + to + " failed, see the daemon's stderr");
}
