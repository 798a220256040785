#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "dns/forward.hpp"
#include "dns/records.hpp"
#include "loop/loop.hpp"

namespace gantry::dns {

struct ContainerSettings {
  std::string id;
  std::vector<Upstream> servers;
  bool ndots = false; ///< the user chose ndots himself
};

/// The server in one container's network namespace: 127.0.0.11, UDP and TCP.
class Container {
 public:
  /// Throws when its sockets cannot be made.
  Container(Loop&, Forwarder&, const Records&, ContainerSettings, UniqueFd netns);
  ~Container();
  Container(const Container&) = delete;
  Container& operator=(const Container&) = delete;

  void set(ContainerSettings settings) { settings_ = std::move(settings); }

 private:
  struct Client;
  void open_sockets();
  void on_datagrams();
  void on_connection();
  void on_bytes(const std::shared_ptr<Client>& client, std::uint32_t events);
  void drop(int fd);
  void write(const std::shared_ptr<Client>& client, const std::string& answer);
  Route route(bool tcp) const;

  Loop& loop_;
  Forwarder& forwarder_;
  const Records& records_;
  ContainerSettings settings_;
  UniqueFd netns_, udp_, tcp_;
  std::unordered_map<int, std::shared_ptr<Client>> clients_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true); ///< answers from outside may come after the end
};

} // namespace gantry::dns
