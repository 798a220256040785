#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <gantry/sdk/fd.hpp>

#include "base/json.hpp"
#include "build/context/named_contexts.hpp"
#include "registry/cancel.hpp"
#include "registry/credentials.hpp"

// What a client lends to one build: secrets, and its ssh agent, which are in memory only, and named contexts. All of it is gone
// with the connection that brought it.
namespace gantry::build {

/// Bytes that are overwritten before their memory is given back.
class SecretBytes {
 public:
  explicit SecretBytes(std::string bytes) : bytes_(std::move(bytes)) {}
  ~SecretBytes();
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  std::string_view view() const { return bytes_; }

 private:
  std::string bytes_;
};
using SecretPtr = std::shared_ptr<const SecretBytes>;

struct Lent {
  std::map<std::string, SecretPtr> secrets; ///< by id
  std::set<std::string> agents;             ///< ids of --ssh
  bool on_demand = false;                   ///< the client is asked for what a step needs, and has said nothing before
};

class Session;
using SessionPtr = std::shared_ptr<Session>;

/// One client's connection. Lines of JSON: `{"Agent": id, "Connection": n, "Message": base64}` asks the client's agent, which
/// answers with `{"Message": base64}`; without a Message the connection to the agent has ended. Who lends on demand is also asked
/// `{"Secret": id}`, `{"CheckAgent": id}` and `{"Credentials": host}` (docs/build.md). Thread-safe.
class Session {
 public:
  static constexpr std::size_t contexts_max = 64;
  static constexpr std::size_t secret_max = 500 << 10; ///< bytes, as BuildKit has it

  Session(Lent lent, UniqueFd socket) : lent_(std::move(lent)), socket_(std::move(socket)) {}

  /// Null: the client has none of that id. Like the two below it blocks while a client that lends on demand is asked. unavailable
  /// when that one does not answer, or with its text when it cannot give it.
  SecretPtr secret(const std::string& id, registry::Cancel&);
  bool has_agent(const std::string& id, registry::Cancel&);
  /// For a registry; none unless the client lends on demand.
  std::optional<registry::Credentials> credentials(const std::string& host, registry::Cancel&);
  bool has_agents() const { return !lent_.agents.empty(); }
  /// One message of the agent protocol (without its length) and its answer; absent when the client has gone. Blocks until then,
  /// or until the cancel: its user may be asked.
  std::optional<std::string> ask(const std::string& agent, int connection, std::string_view message, registry::Cancel&);
  /// A number that no other connection to an agent has: steps run side by side.
  int new_connection() { return next_connection_++; }
  /// Files or an image that the build calls `name`; another one of that name goes. resource_exhausted when there are too many.
  void add_context(const std::string& name, LentContext context);
  std::map<std::string, LentContext> contexts() const;
  /// Blocks.
  void drop_contexts();
  /// The client is sending something that may take long: it does not count as waiting while this is there.
  class Activity {
   public:
    explicit Activity(SessionPtr session) : session_(std::move(session)) { ++session_->activities_; }
    ~Activity() {
      session_->idle_since_ = std::chrono::steady_clock::now();
      --session_->activities_;
    }
    Activity(const Activity&) = delete;
    Activity& operator=(const Activity&) = delete;

   private:
    SessionPtr session_;
  };
  /// Since when it has only waited; now while there is an activity.
  std::chrono::steady_clock::time_point idle_since() const {
    return activities_ > 0 ? std::chrono::steady_clock::now() : idle_since_.load();
  }
  /// A program in the build hung up.
  void end_connection(const std::string& agent, int connection);
  /// Whether the client hung up.
  bool gone() const;

 private:
  /// Absent when the client has gone, answers nonsense, or the cancel came first.
  std::optional<Json> question(const Json&, registry::Cancel&);
  /// The same; unavailable instead of absent, or cancelled.
  Json demand(const Json&, registry::Cancel&);
  bool send(const std::string& line);
  std::optional<std::string> read_line(registry::Cancel&);

  Lent lent_;
  std::atomic<int> next_connection_{0};
  std::mutex guard_; ///< one question at a time
  UniqueFd socket_;
  std::string buffer_;
  mutable std::mutex contexts_guard_;
  std::map<std::string, LentContext> contexts_;
  std::atomic<int> activities_{0};
  std::atomic<std::chrono::steady_clock::time_point> idle_since_{std::chrono::steady_clock::now()};
  int owed_ = 0; ///< answers that the client has not given yet
};

/// Sessions that wait for their build. Thread-safe.
class Sessions {
 public:
  static constexpr std::size_t waiting_max = 64;
  static constexpr std::chrono::seconds patience{60};

  /// The id that a build says; resource_exhausted when too many wait.
  std::string add(SessionPtr);
  /// The session is the build's alone from here on. not_found for an id that is not there (any more).
  SessionPtr take(const std::string& id);
  /// One that still waits, for more to be lent. not_found.
  SessionPtr find(const std::string& id) const;
  bool waits(const std::string& id) const;
  /// Missing is fine.
  bool drop(const std::string& id);

 private:
  mutable std::mutex guard_;
  std::map<std::string, SessionPtr> waiting_;
};

} // namespace gantry::build
