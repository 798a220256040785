#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "loop/loop.hpp"

namespace gantry::dns {

/// A name server to ask. `host`: it is reached from the host only (its loopback), not from the container.
struct Upstream {
  std::string address; ///< port 53
  bool host = false;
};

/// Where a question goes from here.
struct Route {
  std::vector<Upstream> servers;
  int netns = -1; ///< the container's, borrowed
  bool tcp = false;
};

/// Asks name servers one after the other, up to three of them and four seconds each, until one gives an answer other than
/// SERVFAIL or REFUSED. Every question has a socket, thus a port, of its own.
class Forwarder {
 public:
  using Done = std::function<void(const std::string& answer)>;

  explicit Forwarder(Loop& loop) : loop_(loop) {}
  /// Calls `done` once; with SERVFAIL when nobody answers, REFUSED when too many questions are on their way.
  void ask(std::string question, const Route& route, Done done);

 private:
  struct Query;
  using QueryPtr = std::shared_ptr<Query>;
  void next_server(const QueryPtr& query);
  UniqueFd connect(const Query& query, const Upstream& server) const;
  void on_event(const QueryPtr& query, std::uint32_t events);
  void on_answer(const QueryPtr& query, std::string answer);
  void finish(const QueryPtr& query, std::string answer);
  void close(Query& query);

  Loop& loop_;
  std::size_t running_ = 0;
};

} // namespace gantry::dns
