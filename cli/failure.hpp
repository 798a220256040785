#pragma once

#include <stdexcept>
#include <string>

namespace gantry::cli {

/// Ends the command: `what()` goes to standard error as it is (nothing when empty), and the process exits with `code`.
class Failure : public std::runtime_error {
 public:
  explicit Failure(const std::string& message, int code = 1) : std::runtime_error(message), code_(code) {}
  int code() const noexcept { return code_; }

 private:
  int code_;
};

/// The daemon answered with an error status. `what()` is "Error response from daemon: …".
class DaemonError : public Failure {
 public:
  DaemonError(int status, const std::string& message) : Failure("Error response from daemon: " + message), status_(status) {}
  int status() const noexcept { return status_; }

 private:
  int status_;
};

/// The daemon cannot be reached, or went away in the middle of an answer.
class ConnectionLost : public Failure {
 public:
  using Failure::Failure;
};

} // namespace gantry::cli
