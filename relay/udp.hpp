#pragma once

#include <netinet/in.h>

#include <array>
#include <list>
#include <map>
#include <vector>

#include "loop/loop.hpp"
#include "relay/routes.hpp"
#include "relay/shares.hpp"

namespace gantry::relay {

/// Carries datagrams: who sends to a port gets a socket of his own towards the container, until nobody has said anything for 90
/// seconds. Where there are too many of them the one that was silent longest goes; one of the same container, where that has a
/// quarter of all.
class Udp {
 public:
  static constexpr std::size_t most_sessions = 4096;
  static constexpr std::chrono::seconds longest_silence{90};

  /// `datagrams`: told by the kernel what address and port a client meant; those to `own_port` are nobody's. `answers`: a raw
  /// socket, since others have those ports.
  Udp(Loop&, const Routes&, UniqueFd datagrams, UniqueFd answers, std::uint16_t own_port);
  /// Ends sessions that would lead elsewhere now.
  void check_routes();

 private:
  /// Addresses as bytes, so that they can be compared.
  struct Key {
    sockaddr_in6 client{}, meant{};
    bool operator<(const Key&) const;
    /// Sent to where it says to come from: its answer would be one more.
    bool is_its_own_answer() const;
  };
  struct Session {
    Key key;
    Target target;
    UniqueFd fd;
    Loop::Clock::time_point last;
  };
  using Sessions = std::list<Session>; ///< the one that was silent longest comes first

  void on_datagrams();
  void on_datagram(const Key&, std::size_t size);
  void on_answers(Sessions::iterator);
  void send_answer(const Key&, std::size_t size);
  Sessions::iterator begin(const Key&, const Target&);
  void make_room(const Target&);
  void end(Sessions::iterator);
  void touch(Sessions::iterator);
  void end_silent();

  Loop& loop_;
  const Routes& routes_;
  UniqueFd datagrams_, answers_;
  std::uint16_t own_port_;
  Sessions sessions_;
  Shares shares_{most_sessions};
  std::map<Key, Sessions::iterator> by_key_;
  bool timing_ = false;
  std::vector<char> buffer_; ///< of one datagram
};

} // namespace gantry::relay
