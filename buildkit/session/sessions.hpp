#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <grpcpp/grpcpp.h>

#include <gantry/sdk/fd.hpp>

#include "base/json.hpp"
#include "buildkit/cancellation.hpp"

namespace gantry::buildkit {

/// A client's session: a connection on which the client is the server. Thread-safe.
class Session {
 public:
  /// `headers` as the client sent them: {"X-Docker-Expose-Session-Uuid": ["…"], …}.
  Session(const Json& headers, UniqueFd connection);

  const std::string& id() const { return id_; }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  /// Whether the client serves "/package.Service/Method"; case does not count, as with BuildKit.
  bool serves(const std::string& method) const;
  /// Becomes readable, in poll's sense, when the client has gone (POLLRDHUP, POLLHUP).
  int watched() const { return watched_.get(); }
  /// Cancelled when the client has gone.
  Cancellation& gone() { return gone_; }

 private:
  std::string id_;
  std::set<std::string> methods_;
  UniqueFd watched_;
  std::shared_ptr<grpc::Channel> channel_;
  Cancellation gone_;
};

/// The sessions that are open, by id. Thread-safe.
class Sessions {
 public:
  static constexpr std::size_t max = 1024;

  /// False when there are too many, or one with the same id.
  bool add(const std::shared_ptr<Session>& session);
  void remove(const std::string& id);
  /// Waits up to `patience` for it: clients open sessions and builds at the same time. Null when it does not come.
  std::shared_ptr<Session> find(const std::string& id, const Cancellation& cancellation,
                                std::chrono::milliseconds patience = std::chrono::seconds(5));
  std::vector<std::shared_ptr<Session>> all();

 private:
  std::mutex guard_;
  std::condition_variable changed_;
  std::map<std::string, std::shared_ptr<Session>> sessions_;
};

} // namespace gantry::buildkit
