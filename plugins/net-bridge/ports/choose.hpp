#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "ports/holder.hpp"
#include "ports/way.hpp"

namespace gantry::net_bridge {

/// Host ports that endpoints of this instance have.
class PortTable {
 public:
  void add(const std::vector<Port>& ports);
  void add(const Port& port);
  /// The same protocol, port and family, and one of the addresses is the other or stands for all.
  bool conflicts(const Port& port) const;

 private:
  /// By protocol, family and port: what is taken at all addresses, which may be tens of thousands, and what at one.
  using Places = std::bitset<std::size_t{3} << 17>;
  std::unique_ptr<Places> everywhere_ = std::make_unique<Places>();
  std::unordered_map<std::uint32_t, std::vector<std::string>> addresses_;
};

/// invalid for a port that cannot be published for that container. `relay`: gantry-relay runs.
void check_ports(const std::vector<Port>& ports, const PublishedTarget&, bool relay);

/// `ports` without "::" where that stands behind the same of "0.0.0.0" and there is no way from it to the container.
std::vector<Port> without_twins(std::vector<Port> ports, const PublishedTarget&, bool relay);

/// Host ports for all of `wanted`, in their order. Those of `before` that are wanted again stay. `held` gets the sockets of the
/// others. already_exists with Docker's words for one that is taken.
std::vector<Port> choose_ports(std::vector<Port> wanted, const std::vector<Port>& before, PortTable& taken,
                               const PortHolder& holder, std::vector<UniqueFd>& held);

} // namespace gantry::net_bridge
