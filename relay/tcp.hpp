#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "relay/routes.hpp"
#include "relay/stream.hpp"

namespace gantry::relay {

/// Takes connections and carries them to where their port leads.
class Tcp {
 public:
  /// `listener`: has the address and port that a client meant as its connections' own; those to `own_port` are nobody's.
  Tcp(Loop&, const Routes&, UniqueFd listener, std::uint16_t own_port);

 private:
  void on_connection();
  void begin(UniqueFd client);
  /// No more for now: until a connection ends, or for a moment.
  void pause();
  void resume();

  Loop& loop_;
  const Routes& routes_;
  UniqueFd listener_;
  std::uint16_t own_port_;
  std::size_t most_; ///< connections at a time
  bool paused_ = false;
  Pipes pipes_;
  std::unordered_map<int, std::unique_ptr<Stream>> streams_; ///< by the client's descriptor
};

} // namespace gantry::relay
