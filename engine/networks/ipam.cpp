#include "networks/ipam.hpp"

#include <sys/random.h>

#include <algorithm>

#include "base/error.hpp"
#include "networks/complaints.hpp"

namespace gantry::networks {
namespace {

bool is_free(const Prefix& wanted, const std::vector<Prefix>& taken) {
  return std::none_of(taken.begin(), taken.end(), [&](const Prefix& other) { return other.overlaps(wanted); });
}

using Complaints = std::vector<std::string>;

void check_inside(const Prefix& subnet, const std::string& shown, const std::string& text, const std::string& what,
                  Complaints& out) {
  const auto address = Address::parse(text);
  if (!address) {
    out.push_back("invalid " + what + ": invalid address");
  } else if (address->is_ipv6() != subnet.address.is_ipv6()) {
    out.push_back("invalid " + what + ": parent subnet is an " + (subnet.address.is_ipv6() ? "IPv6" : "IPv4") + " block");
  } else if (!subnet.contains(*address)) {
    out.push_back("invalid " + what + ": parent subnet " + shown + " doesn't contain this address");
  }
}

void check_range(const Prefix& subnet, const IpamPool& pool, Complaints& out) {
  const auto range = Prefix::parse(pool.ip_range);
  const std::string bad = "invalid ip-range " + pool.ip_range + ": ";
  if (!range) {
    out.push_back(bad + "invalid CIDR block notation");
  } else if (range->length < subnet.length) {
    out.push_back(bad + "CIDR block is bigger than its parent subnet " + pool.subnet);
  } else if (!range->is_network()) {
    out.push_back(bad + "it should be " + range->network().text());
  } else if (!subnet.contains(range->address)) {
    out.push_back(bad + "parent subnet " + pool.subnet + " doesn't contain ip-range");
  }
}

void complain(const IpamPool& pool, Complaints& out) {
  const auto subnet = Prefix::parse(pool.subnet);
  if (!subnet) {
    out.push_back("invalid subnet " + pool.subnet + ": invalid CIDR block notation");
    return;
  }
  if (!subnet->is_network()) out.push_back("invalid subnet " + subnet->text() + ": it should be " + subnet->network().text());
  if (!pool.ip_range.empty()) check_range(*subnet, pool, out);
  if (!pool.gateway.empty()) check_inside(*subnet, pool.subnet, pool.gateway, "gateway " + pool.gateway, out);
  for (const auto& [name, address] : pool.aux_addresses)
    check_inside(*subnet, pool.subnet, address, "auxiliary address " + name, out);
}

} // namespace

const std::vector<Settings::Pool>& default_pools() {
  static const std::vector<Settings::Pool> pools = {
      {"172.17.0.0/16", 16}, {"172.18.0.0/16", 16}, {"172.19.0.0/16", 16},  {"172.20.0.0/14", 16},
      {"172.24.0.0/14", 16}, {"172.28.0.0/14", 16}, {"192.168.0.0/16", 20}, {"10.192.0.0/10", 24},
  };
  return pools;
}

Prefix choose_ipv4_subnet(const std::vector<Settings::Pool>& pools, const std::vector<Prefix>& taken) {
  for (const auto& pool : pools) {
    const auto base = Prefix::parse(pool.base);
    if (!base || base->address.is_ipv6() || pool.size < base->length || pool.size > 30) continue;
    const std::uint64_t count = std::uint64_t{1} << (pool.size - base->length);
    for (std::uint64_t i = 0; i < count; ++i) {
      const Prefix subnet{base->first().plus(i << (32 - pool.size)), pool.size};
      if (is_free(subnet, taken)) return subnet;
    }
  }
  throw Error(Code::resource_exhausted,
              "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network");
}

Prefix choose_ipv6_subnet(const std::vector<Prefix>& taken) {
  for (;;) {
    std::array<std::uint8_t, 16> bytes{0xfd};
    if (::getrandom(bytes.data() + 1, 5, 0) != 5) throw os_error("getrandom", errno);
    const Prefix subnet{Address::from_bytes(bytes, true), 64};
    if (is_free(subnet, taken)) return subnet;
  }
}

void check_pools(const std::vector<IpamPool>& pools) {
  Complaints wrong;
  for (const auto& pool : pools) complain(pool, wrong);
  if (!wrong.empty()) throw invalid(complaint("invalid network config", wrong));
}

void complete_pool(IpamPool& pool) {
  check_pools({pool});
  const Prefix subnet = *Prefix::parse(pool.subnet);
  if (!pool.gateway.empty() || subnet.length + 1 >= subnet.address.bits()) return;
  pool.gateway = subnet.first().plus(1).text();
  pool.chosen_gateway = true;
}

AddressPool::AddressPool(const IpamPool& pool) {
  subnet_ = Prefix::parse(pool.subnet).value_or(Prefix{});
  range_ = pool.ip_range.empty() ? subnet_ : Prefix::parse(pool.ip_range).value_or(subnet_);
  gateway_ = Address::parse(pool.gateway);
  if (gateway_) used_.insert(*gateway_);
  for (const auto& [name, text] : pool.aux_addresses)
    if (const auto address = Address::parse(text)) used_.insert(*address);
  // A /31 and a /32 have neither.
  if (subnet_.length + 1 < subnet_.address.bits()) {
    used_.insert(subnet_.first());
    if (!subnet_.address.is_ipv6()) used_.insert(subnet_.last());
  }
}

std::optional<Address> AddressPool::take() {
  Address candidate = range_.first();
  const Address last = range_.last();
  for (auto used = used_.lower_bound(candidate); used != used_.end() && *used == candidate; ++used) {
    if (candidate == last) return std::nullopt;
    candidate = candidate.plus(1);
  }
  used_.insert(candidate);
  return candidate;
}

} // namespace gantry::networks
