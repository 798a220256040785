#pragma once

#include <list>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/client/client.hpp"

namespace gantry::cli {

/// The usage of containers as it changes: one stream of samples for each, and optionally the engine's events, so that containers
/// come and go.
class UsageWatch {
 public:
  struct Container {
    std::string name; ///< as it was asked for
    Json sample;      ///< null before the first one
  };

  explicit UsageWatch(Client& client) : client_(client) {}

  /// Throws DaemonError when there is no such container.
  void add(const std::string& name);
  /// From here on containers that start are added, and those that end are dropped; with `stopped` too those that are created,
  /// and none is dropped before it is removed.
  void follow_events(bool stopped);
  /// Reads what comes until the time is over, or earlier when nothing is left to wait for.
  void run(int milliseconds);

  bool empty() const { return streams_.empty(); }
  /// Whether every container has sent something.
  bool complete() const;
  std::vector<Container> containers() const;

 private:
  struct Stream {
    std::string name, id;
    Response response;
    std::string pending{}; ///< the beginning of a line
    Json sample{};
    bool ended = false;
  };

  void read(Stream& stream);
  void read_events();
  void handle(const Json& event);

  Client& client_;
  std::list<Stream> streams_;
  std::optional<Response> events_;
  std::string pending_events_;
  bool stopped_too_ = false;
};

} // namespace gantry::cli
