#include "firewall/firewall.hpp"

#include <fcntl.h>
#include <nftables/libnftables.h>
#include <unistd.h>

#include <memory>

#include "net-common/error.hpp"
#include "net-common/sysctl.hpp"

namespace gantry::net_bridge {

namespace {

void run_script(const std::string& script) {
  const std::unique_ptr<nft_ctx, void (*)(nft_ctx*)> nft(nft_ctx_new(NFT_CTX_DEFAULT), nft_ctx_free);
  if (!nft) throw Error(Code::resource_exhausted, "nftables: out of memory");
  nft_ctx_buffer_output(nft.get());
  nft_ctx_buffer_error(nft.get());
  if (nft_run_cmd_from_buffer(nft.get(), script.c_str()) != 0)
    throw Error(Code::internal, std::string("nftables: ") + nft_ctx_get_error_buffer(nft.get()));
}

/// What is in `a` and not, or otherwise, in `b`.
Elements difference(const Elements& a, const Elements& b) {
  Elements result;
  for (const auto& item : a) {
    const auto other = b.find(item.first);
    if (other == b.end() || other->second != item.second) result.insert(item);
  }
  return result;
}

} // namespace

Firewall::Firewall(Host& host, std::string table, bool respect_host)
    : host_(host), table_(std::move(table)), watch_(table_, [this] { repair(); }) {
  rules_.respect_host = respect_host;
  rules_.drop_strays = ::access(strays_marker().c_str(), F_OK) == 0;
}

std::string Firewall::strays_marker() const { return host_.run_dir() + "/forwarding-was-off"; }

void Firewall::apply_rules() {
  look_at_bridges();
  try {
    run_script(ruleset(table_, rules_));
  } catch (const Error& e) {
    if (rules_.relay_port == 0 || !rules_.all_known) throw;
    rules_.relay_port = 0;
    run_script(ruleset(table_, rules_));
    cannot_relay(e);
  }
  if (rules_.relay_port != 0 && rules_.all_known) could_relay_ = true;
  made_ = true;
}

void Firewall::look_at_bridges() { rules_.bridges_call_us = net::read_sysctl("net/bridge/bridge-nf-call-ip6tables") == "1"; }

void Firewall::cannot_relay(const Error& why) {
  if (!std::exchange(could_relay_, false)) return;
  host_.log(LogLevel::warn,
            std::string("ports are published at IPv6 addresses for containers with IPv6 only, and not at ::1: ") + why.what());
}

bool Firewall::set_relay(std::uint16_t port) {
  const std::lock_guard lock(guard_);
  if (port == rules_.relay_port) return true;
  const std::uint16_t before = std::exchange(rules_.relay_port, port);
  if (!made_ || !rules_.all_known) return true;
  look_at_bridges();
  try {
    run_script(relay_ruleset(table_, rules_));
    if (port != 0) could_relay_ = true;
  } catch (const Error&) {
    if (!could_relay_) rules_.relay_port = before; // as the last time
    if (could_relay_) change_all_for_relay(before);
  }
  return rules_.relay_port == port;
}

void Firewall::change_all_for_relay(std::uint16_t before) {
  try {
    apply_rules(); // somebody took the table away, or the kernel does not do it
  } catch (...) {
    rules_.relay_port = before;
    throw;
  }
}

void Firewall::rebuild() {
  apply_rules();
  if (const int error = replace_elements(table_, ports_); error != 0) throw net::os_error("nftables: publish ports", error);
}

void Firewall::set_rules(std::vector<FirewallNetwork> networks, std::vector<FirewallEndpoint> endpoints, bool all_known) {
  const std::lock_guard lock(guard_);
  if (made_ && networks == rules_.networks && endpoints == rules_.endpoints && all_known == rules_.all_known) return;
  FirewallRules before = rules_;
  rules_.networks = std::move(networks);
  rules_.endpoints = std::move(endpoints);
  rules_.all_known = all_known;
  try {
    apply_rules();
  } catch (...) {
    rules_ = std::move(before);
    throw;
  }
}

void Firewall::replace_ports(const PublishedTarget& target, const std::vector<Port>& before, const std::vector<Port>& after) {
  const Elements old_elements = elements_of(target, before), new_elements = elements_of(target, after);
  const Elements remove = difference(old_elements, new_elements), add = difference(new_elements, old_elements);
  const std::lock_guard lock(guard_);
  const int error = change_elements(table_, remove, add);
  for (const auto& [key, data] : remove) ports_.erase(key);
  for (const auto& [key, data] : add) ports_[key] = data;
  if (error == 0) return;
  // Somebody took the table or elements away.
  host_.log(LogLevel::warn, "the nftables table " + table_ + " is not as it was left, and is made again");
  try {
    rebuild();
  } catch (...) {
    for (const auto& [key, data] : add) ports_.erase(key);
    throw;
  }
}

void Firewall::set_all_ports(const std::vector<PublishedPorts>& all) {
  const std::lock_guard lock(guard_);
  ports_.clear();
  for (const auto& published : all) {
    const Elements elements = elements_of(published.target, published.ports);
    ports_.insert(elements.begin(), elements.end());
  }
  if (!made_) return;
  if (replace_elements(table_, ports_) != 0) rebuild();
}

void Firewall::drop_strays() {
  const UniqueFd marker(::open(strays_marker().c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  const std::lock_guard lock(guard_);
  if (std::exchange(rules_.drop_strays, true) || !made_) return;
  apply_rules();
}

void Firewall::repair() {
  const std::lock_guard lock(guard_);
  if (!made_) return;
  try {
    rebuild();
    host_.log(LogLevel::warn, "the nftables table " + table_ + " was deleted by somebody else, and has been made again");
  } catch (const Error& e) {
    host_.log(LogLevel::error, "make the nftables table " + table_ + " again: " + e.what());
  }
}

} // namespace gantry::net_bridge
