#include "shim/runtime_error.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cstdio>
#include <cstring>
#include <gantry/sdk/fd.hpp>

#include "shim/json_text.hpp"

namespace gantry::runtime_linux::shim {
namespace {

constexpr std::size_t tail_size = 16 * 1024;

/// The end of a log; a runtime in debug mode writes a lot before it.
std::size_t read_tail(int directory, const char* name, char* text) {
  const UniqueFd file(::openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat info {};
  if (!file || ::fstat(file.get(), &info) < 0 || !S_ISREG(info.st_mode)) return 0;
  const off_t start = info.st_size > static_cast<off_t>(tail_size) ? info.st_size - static_cast<off_t>(tail_size) : 0;
  const ssize_t n = ::pread(file.get(), text, tail_size, start);
  return n > 0 ? static_cast<std::size_t>(n) : 0;
}

const char* find_in(const char* line, std::size_t size, const char* wanted) {
  return static_cast<const char*>(::memmem(line, size, wanted, std::strlen(wanted)));
}

void copy(char* to, std::size_t room, const char* text, std::size_t size) {
  const std::size_t n = size < room - 1 ? size : room - 1;
  std::memcpy(to, text, n);
  to[n] = '\0';
}

/// The message of the last line at level error or fatal.
bool last_error(char* log, std::size_t size, InitReport& report) {
  static constexpr char message_start[] = "\"msg\":\"";
  bool found = false;
  for (char* line = log; line < log + size;) {
    const auto left = static_cast<std::size_t>(log + size - line);
    char* newline = static_cast<char*>(std::memchr(line, '\n', left));
    const std::size_t length = newline ? static_cast<std::size_t>(newline - line) : left;
    const bool error = find_in(line, length, "\"level\":\"error\"") || find_in(line, length, "\"level\":\"fatal\"");
    const char* start = error ? find_in(line, length, message_start) : nullptr;
    if (start) {
      start += sizeof message_start - 1;
      char text[tail_size];
      const char* end = nullptr;
      const std::size_t n = unescape_json(text, start, length - static_cast<std::size_t>(start - line), &end);
      copy(report.text, sizeof report.text, text, n);
      found = true;
    }
    line += length + 1;
  }
  return found;
}

bool from_pipe(int errors, InitReport& report) {
  char text[tail_size];
  const ssize_t n = errors >= 0 ? ::read(errors, text, sizeof text) : -1;
  if (n <= 0) return false;
  std::size_t size = static_cast<std::size_t>(n);
  while (size && text[size - 1] == '\n') --size;
  copy(report.text, sizeof report.text, text, size);
  return size != 0;
}

bool says(const InitReport& report, const char* words) { return ::strcasestr(report.text, words) != nullptr; }

} // namespace

InitReport runtime_error(int directory, const char* name, int errors, int wait_status) {
  InitReport report;
  char log[tail_size];
  if (!last_error(log, read_tail(directory, name, log), report) && !from_pipe(errors, report)) {
    if (WIFSIGNALED(wait_status))
      std::snprintf(report.text, sizeof report.text, "the OCI runtime was killed by signal %d", WTERMSIG(wait_status));
    else
      std::snprintf(report.text, sizeof report.text, "the OCI runtime ended with exit status %d and said nothing",
                    WEXITSTATUS(wait_status));
  }
  if (says(report, "executable file") || says(report, "no such file or directory"))
    report.reason = ControlReason::command_not_found;
  else if (says(report, "permission denied") || says(report, "exec format error"))
    report.reason = ControlReason::command_not_executable;
  return report;
}

} // namespace gantry::runtime_linux::shim
