#pragma once

#include <string>
#include <thread>

#include <gantry/sdk/fd.hpp>

#include "build/mounts/memory_files.hpp"
#include "build/session/session.hpp"

namespace gantry::build {

/// A socket that programs of a step take for an ssh agent: what they ask goes to the client's agent, message by message. Nothing
/// but well-formed messages of a bounded size ever leaves the step. Ends with the object.
class AgentRelay {
 public:
  /// Makes the socket at `path`, in a directory that nobody else writes to.
  AgentRelay(const std::string& path, const FileOwner& owner, SessionPtr session, std::string agent);
  ~AgentRelay();
  AgentRelay(const AgentRelay&) = delete;
  AgentRelay& operator=(const AgentRelay&) = delete;

 private:
  struct Connection {
    int number;
    UniqueFd socket;
    std::string buffer{};
  };
  void run();
  /// False when it has ended.
  bool serve(Connection&);
  bool answer(Connection&, std::string_view message);

  SessionPtr session_;
  std::string agent_;
  UniqueFd listener_;
  registry::Cancel stop_;
  std::thread thread_;
};

} // namespace gantry::build
