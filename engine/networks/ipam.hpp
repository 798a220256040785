#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "networks/address.hpp"
#include "networks/network.hpp"
#include "networks/network_service.hpp"

namespace gantry::networks {

/// Which subnets the engine chooses from when none are configured: Docker's (172.17.0.0/16 to 172.31.0.0/16 and
/// 192.168.0.0/16 in /20), then 10.192.0.0/10 in /24, which makes 16 thousand more.
const std::vector<Settings::Pool>& default_pools();

/// The first subnet of `pools` that overlaps with none of `taken`; resource_exhausted with Docker's text.
Prefix choose_ipv4_subnet(const std::vector<Settings::Pool>& pools, const std::vector<Prefix>& taken);
/// A random ULA /64 that overlaps with none of `taken`.
Prefix choose_ipv6_subnet(const std::vector<Prefix>& taken);

/// invalid with Docker's texts, all of them in one.
void check_pools(const std::vector<IpamPool>& pools);
/// Checks one pool of a request and fills in its gateway.
void complete_pool(IpamPool& pool);

/// The addresses of one pool. Not thread-safe.
class AddressPool {
 public:
  explicit AddressPool(const IpamPool& pool);

  const Prefix& subnet() const { return subnet_; }
  std::optional<Address> gateway() const { return gateway_; }
  /// The lowest free one of the range, or nothing.
  std::optional<Address> take();
  /// False when it is taken.
  bool take(const Address& address) { return used_.insert(address).second; }
  void release(const Address& address) { used_.erase(address); }

 private:
  Prefix subnet_, range_;
  std::optional<Address> gateway_;
  std::set<Address> used_; ///< with gateway, auxiliary, network and broadcast addresses
};

} // namespace gantry::networks
