#pragma once

#include <map>
#include <memory>
#include <string>
#include <thread>

#include "buildkit/engine/daemon.hpp"
#include "buildkit/session/sessions.hpp"

namespace gantry::buildkit {

/// Answers what the engine asks while a build runs: secrets, ssh agents and credentials of the client's session. The connection
/// that the questions come on is the engine's session (POST /build/session).
class Lending {
 public:
  Lending(Daemon& daemon, std::shared_ptr<Session> session, Cancellation& cancellation);
  ~Lending();
  Lending(const Lending&) = delete;
  Lending& operator=(const Lending&) = delete;

  /// For `gantrysession`.
  const std::string& id() const { return id_; }

 private:
  struct Agent;
  void serve();
  bool read_line(std::string& line);
  Json answer(const Json& question);
  Json secret(const std::string& id);
  Json check_agent(const std::string& id);
  Json credentials(const std::string& host);
  Json ask_agent(const std::string& id, int connection, const std::string& message);

  std::shared_ptr<Session> session_;
  Cancellation cancellation_; ///< of answering: the build may have ended well
  const Cancellation::Hook with_build_;
  UniqueFd connection_;
  std::string id_, buffer_;
  std::map<std::pair<std::string, int>, std::unique_ptr<Agent>> agents_;
  std::thread thread_;
};

} // namespace gantry::buildkit
