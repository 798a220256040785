#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <unordered_map>

#include "relay/routes.hpp"
#include "relay/shares.hpp"
#include "relay/stream.hpp"

namespace gantry::relay {

struct TcpLimits {
  std::size_t most = 0;                    ///< connections at a time; 0: what the process may open files for
  std::chrono::milliseconds sweep{30'000}; ///< how often connections are looked at of which nothing is waited for
};

/// Takes connections and carries them to where their port leads. A container gets a quarter of what there is room for.
class Tcp {
 public:
  /// `listener`: has the address and port that a client meant as its connections' own; those to `own_port` are nobody's.
  Tcp(Loop&, const Routes&, UniqueFd listener, std::uint16_t own_port, TcpLimits = {});

 private:
  void on_connection();
  void begin(UniqueFd client);
  void carry(UniqueFd client, UniqueFd upstream, const Target&);
  void sweep();
  /// No more for now: until a connection ends, or for a moment.
  void pause();
  void resume();

  Loop& loop_;
  const Routes& routes_;
  UniqueFd listener_;
  std::uint16_t own_port_;
  TcpLimits limits_;
  bool paused_ = false;
  Shares shares_;
  Pipes pipes_;
  std::unordered_map<int, std::unique_ptr<Stream>> streams_; ///< by the client's descriptor
};

} // namespace gantry::relay
