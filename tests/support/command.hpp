#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace gantry::test {

struct Output {
  int code = -1; ///< exit code, 128+n after a signal, -1 when the deadline ended it
  std::string out, err;
};

struct CommandOptions {
  std::string input;                      ///< written to stdin, which is then closed
  std::map<std::string, std::string> env; ///< added to the test's own environment
  std::chrono::seconds deadline{60};
};

/// A child process with its stdio on pipes; killed (by pid) and reaped at the latest by the destructor.
class Command {
 public:
  explicit Command(const std::vector<std::string>& argv, const CommandOptions& options = {});
  Command(Command&&) noexcept;
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;
  ~Command();

  pid_t pid() const { return pid_; }
  void signal(int signo) const;
  void write(const std::string& bytes);
  void close_input();
  /// Reads until stdout holds `text`; false at the deadline or at the end of the output.
  bool wait_for_output(const std::string& text, std::chrono::seconds deadline = std::chrono::seconds(20));
  /// Everything it printed, and how it ended.
  Output finish();

 private:
  bool pump(std::chrono::steady_clock::time_point until);
  void read_into(int& fd, std::string& text);

  pid_t pid_ = -1;
  int in_ = -1, out_ = -1, err_ = -1;
  Output output_;
  std::chrono::steady_clock::time_point deadline_;
};

Output run(const std::vector<std::string>& argv, const CommandOptions& options = {});

/// Polls until `condition` holds; false at the deadline.
template <class F>
bool eventually(F condition, std::chrono::milliseconds deadline = std::chrono::seconds(20)) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  timespec pause{0, 5'000'000};
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    nanosleep(&pause, nullptr);
  }
  return true;
}

} // namespace gantry::test
