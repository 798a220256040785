#pragma once

#include <optional>
#include <string>

#include "cli/client/client.hpp"
#include "cli/streams/session.hpp"

namespace gantry::cli {

/// Learns a container's exit status, even when the daemon goes away and comes back meanwhile: the question is asked again.
class ExitWait {
 public:
  /// Registers at the daemon before it returns. `condition` is one of Docker's, or empty.
  ExitWait(Client& client, std::string id, std::string condition);
  /// The same for a request that was sent before: two of them overlap.
  ExitWait(Client& client, std::string id, std::string condition, Connection begun);

  static Request request(const std::string& id, const std::string& condition);

  int fd() const { return response_ ? response_->fd() : -1; }
  /// Blocks for the status. With a session its signals go on being handled. Throws Failure when the daemon adds an error to the
  /// status.
  int status(Session* session = nullptr);
  /// Blocks for the daemon's answer: {"StatusCode": …, "Error": …}.
  Json answer(Session* session = nullptr);

 private:
  std::optional<Json> try_read(Session* session);
  void register_again();

  Client& client_;
  std::string id_, condition_;
  std::optional<Response> response_;
};

} // namespace gantry::cli
