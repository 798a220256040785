#include "networks/ipam.hpp"

#include <sys/random.h>

#include <algorithm>

#include "base/error.hpp"

namespace gantry::networks {
namespace {

bool is_free(const Prefix& wanted, const std::vector<Prefix>& taken) {
  return std::none_of(taken.begin(), taken.end(), [&](const Prefix& other) { return other.overlaps(wanted); });
}

Error bad_pool(const std::string& what) { return invalid("invalid network config:\n" + what); }

Address inside(const Prefix& subnet, const std::string& text, const std::string& what) {
  const auto address = Address::parse(text);
  if (!address) throw bad_pool("invalid " + what + " " + text + ": not an IP address");
  if (!subnet.contains(*address)) throw bad_pool("invalid " + what + " " + text + ": parent subnet is " + subnet.text());
  return *address;
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

void complete_pool(IpamPool& pool) {
  const auto subnet = Prefix::parse(pool.subnet);
  if (!subnet) throw bad_pool("invalid subnet " + pool.subnet + ": invalid CIDR block notation");
  if (!subnet->is_network()) throw bad_pool("invalid subnet " + subnet->text() + ": it should be " + subnet->network().text());
  if (!pool.ip_range.empty()) {
    const auto range = Prefix::parse(pool.ip_range);
    if (!range) throw bad_pool("invalid ip-range " + pool.ip_range + ": invalid CIDR block notation");
    if (range->length < subnet->length)
      throw bad_pool("invalid ip-range " + pool.ip_range + ": CIDR block is bigger than its parent subnet " + pool.subnet);
    if (!range->is_network()) throw bad_pool("invalid ip-range " + range->text() + ": it should be " + range->network().text());
    if (!subnet->contains(range->address))
      throw bad_pool("invalid ip-range " + pool.ip_range + ": parent subnet is " + pool.subnet);
  }
  if (!pool.gateway.empty()) {
    inside(*subnet, pool.gateway, "gateway");
  } else if (subnet->length + 1 < subnet->address.bits()) {
    pool.gateway = subnet->first().plus(1).text();
  }
  for (const auto& [name, address] : pool.aux_addresses) inside(*subnet, address, "auxiliary address");
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
