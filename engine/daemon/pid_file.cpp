#include "daemon/pid_file.hpp"

#include <unistd.h>

#include "base/error.hpp"
#include "base/file.hpp"

namespace gantry::daemon {

namespace {

std::string read_or_empty(const std::string& path) {
  try {
    return read_file(path, 4096);
  } catch (const Error&) {
    return "";
  }
}

/// Whether the process of that number runs the same program as we do; a number that was given to another one does not count.
bool is_daemon(const std::string& pid) {
  if (pid.empty() || pid.find_first_not_of("0123456789") != std::string::npos) return false;
  if (pid == std::to_string(::getpid())) return false;
  const auto name = read_or_empty("/proc/" + pid + "/comm");
  return !name.empty() && name == read_or_empty("/proc/self/comm");
}

} // namespace

PidFile::PidFile(std::string path) : path_(std::move(path)) {
  auto pid = read_or_empty(path_);
  pid.erase(pid.find_last_not_of(" \n") + 1);
  if (is_daemon(pid))
    throw conflict("pid file " + path_ + " names a running gantryd (pid " + pid + "): choose another --pidfile");
  write_file_atomic(path_, std::to_string(::getpid()) + "\n", 0644);
}

PidFile::~PidFile() { remove(); }

void PidFile::remove() { ::unlink(path_.c_str()); }

} // namespace gantry::daemon
