#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <gantry/sdk/fd.hpp>

#include "base/json.hpp"
#include "buildkit/engine/exchange.hpp"

namespace gantry::buildkit {

/// A query string in the making.
class Query {
 public:
  Query& add(const std::string& name, const std::string& value);
  std::string text() const { return text_; } ///< "" or "?a=b&c=d"

 private:
  std::string text_;
};

/// What the daemon answers with an error; `status` is HTTP's.
class DaemonError : public std::runtime_error {
 public:
  DaemonError(int code, const std::string& message) : std::runtime_error(message), status(code) {}
  const int status;
};

/// gantryd, which has started this process: its HTTP API on connections that it is handed. Thread-safe.
class Daemon {
 public:
  /// `control` stays the caller's: a SOCK_SEQPACKET socket whose other end is the daemon's.
  explicit Daemon(int control) : control_(control) {}

  /// A connection on which the daemon serves its API.
  UniqueFd connect();
  std::unique_ptr<Exchange> open(const Cancellation& cancellation) { return std::make_unique<Exchange>(connect(), cancellation); }
  /// A request with a JSON body (or none, for null); throws DaemonError for a status from 400 on.
  Json call(const std::string& method, const std::string& target, const Json& body, const Cancellation& cancellation);

 private:
  const int control_;
  std::mutex guard_;
};

/// The daemon's error as an exception, after its status has been read.
[[noreturn]] void throw_error(Exchange& exchange, int status);

} // namespace gantry::buildkit
