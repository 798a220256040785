#pragma once

#include <functional>
#include <map>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "loop/loop.hpp"

namespace gantry {

/// Where gantryd says what it wants. One JSON object per packet of a SOCK_SEQPACKET connection, one answer to each: what the
/// handler returns, or {"error": "sentence"} with what it throws.
class Control {
 public:
  static constexpr std::size_t max_packet = 128 << 10;
  using Handler = std::function<nlohmann::json(const nlohmann::json& request, std::vector<UniqueFd> fds)>;

  /// `listener`: a listening SOCK_SEQPACKET socket. `left` is called when one who asked has gone.
  Control(Loop& loop, UniqueFd listener, Handler handler, std::function<void()> left);
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;

  /// Nobody is there who could ask.
  bool is_alone() const { return clients_.empty(); }

 private:
  void on_connection();
  void on_packet(int fd);
  void drop_client(int fd);

  Loop& loop_;
  UniqueFd listener_;
  Handler handler_;
  std::function<void()> left_;
  std::map<int, UniqueFd> clients_;
};

} // namespace gantry
