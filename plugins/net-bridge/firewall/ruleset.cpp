#include "firewall/ruleset.hpp"

#include <algorithm>

namespace gantry::net_bridge {

namespace {

/// Writes "add … inet TABLE …" lines.
class Script {
 public:
  Script(const std::string& family, const std::string& table) : in_(" " + family + " " + table) { line("add table" + in_); }

  void set(const std::string& name, const std::string& type) { line("add set" + in_ + " " + name + " { type " + type + "; }"); }
  /// A set or map of intervals beside the one of that name.
  void ranges(const std::string& kind, const std::string& name, const std::string& type) {
    line("add " + kind + in_ + " " + name + "_ranges { type " + type + "; flags interval; }");
  }
  void map(const std::string& name, const std::string& type) { line("add map" + in_ + " " + name + " { type " + type + "; }"); }
  void chain(const std::string& name, const std::string& hook = "") {
    line("add chain" + in_ + " " + name + (hook.empty() ? "" : " { " + hook + "; policy accept; }"));
  }
  void empty_chain(const std::string& name) { line("flush chain" + in_ + " " + name); }
  /// One that is empty.
  void no_chain(const std::string& name) { line("delete chain" + in_ + " " + name); }
  void empty_set(const std::string& name) { line("flush set" + in_ + " " + name); }
  void rule(const std::string& chain, const std::string& text) { line("add rule" + in_ + " " + chain + " " + text); }
  void element(const std::string& set, const std::string& text) { line("add element" + in_ + " " + set + " { " + text + " }"); }

  std::string text() && { return std::move(text_); }

 private:
  void line(const std::string& text) { text_ += text + "\n"; }
  std::string in_, text_;
};

std::string quoted(const std::string& name) { return "\"" + name + "\""; }

void declare(Script& s) {
  // Everything that goes to a container or comes from one passes it first; it belongs to the administrator.
  s.chain("user");
  for (const char* name : {"bridges", "internal"}) s.set(name, "ifname");
  s.set("same", "ifname . ifname");
  s.set("open_bridges", "ifname . ether_type");
  for (const std::string version : {"4", "6"}) {
    const std::string address = "ipv" + version + "_addr", port = "inet_proto . inet_service", place = address + " . " + port;
    s.map("any" + version, port + " : " + address + " . inet_service");
    s.map("host" + version, place + " : " + address + " . inet_service");
    s.set("open" + version, place);
    // An element for many neighbours that have the same number inside.
    s.ranges("map", "any" + version, port + " : " + address);
    s.ranges("map", "host" + version, place + " : " + address);
  }
  // Ports that gantry-relay serves, at all IPv6 addresses of the host or at one.
  s.set("relay_any", "inet_proto . inet_service");
  s.ranges("set", "relay_any", "inet_proto . inet_service");
  s.set("relay_host", "ipv6_addr . inet_proto . inet_service");
  s.ranges("set", "relay_host", "ipv6_addr . inet_proto . inet_service");
  s.chain("guard", "type filter hook prerouting priority raw");
  s.chain("prerouting", "type nat hook prerouting priority dstnat");
  s.chain("output", "type nat hook output priority -100");
  s.chain("postrouting", "type nat hook postrouting priority srcnat");
  s.chain("forward", "type filter hook forward priority filter");
  s.chain("input", "type filter hook input priority filter");
  s.chain("admit", "type filter hook input priority 90");
  for (const char* name : {"relay", "relay_bridged", "relay_input", "relay_socket", "publish", "established", "to_container",
                           "from_container", "network_egress", "container_egress"})
    s.chain(name);
  for (const char* name : {"guard", "prerouting", "output", "postrouting", "input", "admit", "forward", "publish", "established",
                           "to_container", "from_container"})
    s.empty_chain(name);
  for (const char* name : {"bridges", "internal", "same", "open_bridges"}) s.empty_set(name);
}

constexpr const char* transports = "meta l4proto { tcp, udp, sctp } ";

/// Input rules never see a packet that goes on to a container. So a sender's first one is left alone; if it comes out behind
/// the host's rules (priority 0), the sender is noted and the packet dropped: he sends it again, and it finds the way open.
void admission_rules(Script& s) {
  for (const char* ip : {"ip", "ip6"}) {
    const std::string version = std::string(ip) == "ip" ? "4" : "6", address = "ipv" + version + "_addr";
    const std::string admitted = "admitted" + version,
                      from = std::string(ip) + " saddr . " + ip + " daddr . meta l4proto . th dport";
    s.set(admitted, address + " . " + address + " . inet_proto . inet_service; size 65535; flags dynamic,timeout; timeout 10m");
    s.chain("note" + version);
    s.empty_chain("note" + version);
    s.rule("note" + version, "add @" + admitted + " { " + from + " } drop");
    const std::string fresh = "iifname != @bridges ct state new " + std::string(transports);
    for (const std::string kind : {"", "_ranges"}) {
      const std::string at = version + kind + " jump note" + version;
      s.rule("admit", fresh + ip + " daddr . meta l4proto . th dport @host" + at);
      s.rule("admit", fresh + "meta nfproto ipv" + version + " meta l4proto . th dport @any" + at);
    }
    s.rule("prerouting", "iifname != @bridges " + std::string(transports) + from + " != @" + admitted + " return");
  }
}

void publish_rules(Script& s, bool respect_host) {
  s.rule("guard", "meta nfproto ipv6 goto relay");
  // The kernel lets bridges have packets of the loopback (route_localnet); from a container none is genuine.
  s.rule("guard", "ip daddr 127.0.0.0/8 iifname @bridges drop");
  s.rule("guard", "ip saddr 127.0.0.0/8 iifname @bridges drop");
  // What is published on the loopback is for the host itself: its own packets pass "output".
  s.rule("prerouting", "ip daddr 127.0.0.0/8 return");
  s.rule("prerouting", "ip6 daddr ::1 return");
  // With br_netfilter the kernel forgets on its way out of a bridge what tproxy has said.
  s.rule("prerouting", "iifname @bridges meta nfproto ipv6 jump relay_bridged");
  if (respect_host)
    admission_rules(s);
  else
    s.no_chain("admit"); // every packet to the host would pass it
  // The kernel has no way for answers to the IPv6 loopback: it is for gantry-relay, or nobody is there.
  s.rule("output", "ip6 daddr ::1 return");
  for (const char* hook : {"prerouting", "output"}) s.rule(hook, std::string(transports) + "fib daddr type local jump publish");
  for (const std::string kind : {"", "_ranges"}) {
    s.rule("publish", "dnat ip to ip daddr . meta l4proto . th dport map @host4" + kind);
    s.rule("publish", "dnat ip to meta l4proto . th dport map @any4" + kind);
    s.rule("publish", "dnat ip6 to ip6 daddr . meta l4proto . th dport map @host6" + kind);
    s.rule("publish", "dnat ip6 to meta l4proto . th dport map @any6" + kind);
  }
}

bool has_internal(const FirewallRules& rules) {
  return std::any_of(rules.networks.begin(), rules.networks.end(),
                     [](const FirewallNetwork& network) { return network.internal; });
}

/// Also those that an earlier engine has left and that have yet to be told of.
bool has_policies(const FirewallRules& rules) {
  return !rules.all_known || !rules.endpoints.empty() ||
         std::any_of(rules.networks.begin(), rules.networks.end(),
                     [](const FirewallNetwork& network) { return network.egress.restricted; });
}

/// Most packets belong to a connection that is known: they pass as few rules as can be.
void established_rules(Script& s, const FirewallRules& rules) {
  // Not for ever: a network may be internal now that has the addresses of one that was not.
  if (has_internal(rules)) {
    s.rule("established", "iifname . oifname @same accept");
    s.rule("established", "oifname @internal drop");
    s.rule("established", "iifname @internal drop");
  }
  s.rule("established", "accept");
}

/// Not by @bridges: a policy also counts while an engine that has just started has yet to tell of all networks.
void ask_policies(Script& s, const std::string& hook, const FirewallRules& rules) {
  if (!has_policies(rules)) return;
  for (const char* policies : {"container_egress", "network_egress"}) s.rule(hook, std::string("jump ") + policies);
}

void forward_rules(Script& s, const FirewallRules& rules) {
  s.rule("forward", "oifname @bridges jump user");
  s.rule("forward", "iifname @bridges oifname != @bridges jump user");
  s.rule("forward", "ct state established,related goto established");
  established_rules(s, rules);
  ask_policies(s, "forward", rules);
  s.rule("forward", "oifname @bridges goto to_container");
  s.rule("forward", "iifname @bridges goto from_container");
  if (rules.drop_strays) s.rule("forward", "drop");
  s.rule("input", "meta nfproto ipv6 jump relay_input");
  if (has_policies(rules)) s.rule("input", "ct state established,related accept");
  ask_policies(s, "input", rules);
  s.rule("to_container", "iifname . oifname @same accept");
  s.rule("to_container", "oifname @internal drop");
  s.rule("to_container", "iifname @internal drop");
  s.rule("to_container", "ct status dnat accept");
  s.rule("to_container", "oifname . meta protocol @open_bridges accept");
  s.rule("to_container", std::string(transports) + "ip daddr . meta l4proto . th dport @open4 accept");
  s.rule("to_container", std::string(transports) + "ip6 daddr . meta l4proto . th dport @open6 accept");
  s.rule("to_container", "drop");
  s.rule("from_container", "iifname @internal drop");
  s.rule("from_container", "accept");
}

void subnet_rules(Script& s, const FirewallNetwork& network, const FirewallSubnet& subnet) {
  const bool ipv6 = subnet.subnet.find(':') != std::string::npos;
  const std::string ip = ipv6 ? "ip6" : "ip", bridge = quoted(network.bridge);
  // Back to the network that it came from: the answer must come this way, too.
  s.rule("postrouting", "oifname " + bridge + " " + ip + " saddr " + subnet.subnet + " ct status dnat masquerade");
  if (subnet.masquerade) {
    const std::string out = subnet.source.empty() ? "masquerade" : "snat " + ip + " to " + subnet.source;
    s.rule("postrouting", "oifname != " + bridge + " " + ip + " saddr " + subnet.subnet + " " + out);
  }
  if (subnet.open) s.element("open_bridges", bridge + " . " + (ipv6 ? "ip6" : "ip"));
}

/// What a policy is not about: answers, the neighbours in the same network, and finding the router.
void exceptions(Script& s, const std::string& chain) {
  s.rule(chain, "ct state established,related return");
  s.rule(chain, "iifname . oifname @same return");
  s.rule(chain, "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit } return");
}

void policy_rules(Script& s, const std::string& chain, const std::string& who, const EgressPolicy& policy) {
  if (!policy.restricted) return;
  for (const auto& destination : policy.allowed) s.rule(chain, who + " " + destination + " return");
  s.rule(chain, who + " reject with icmpx type admin-prohibited");
}

void egress_rules(Script& s, const FirewallRules& rules) {
  if (rules.all_known) {
    for (const char* chain : {"network_egress", "container_egress"}) {
      s.empty_chain(chain);
      exceptions(s, chain);
    }
  }
  for (const auto& network : rules.networks)
    policy_rules(s, "network_egress", "iifname " + quoted(network.bridge), network.egress);
  for (const auto& endpoint : rules.endpoints)
    policy_rules(s, "container_egress", "iifname " + quoted(endpoint.bridge) + " ether saddr " + endpoint.mac, endpoint.egress);
}

/// Who must not get to gantry-relay: what a policy allows are addresses of containers behind ports of the host, and those are not
/// known here.
void refuse_relay(Script& s, const std::string& chain, const FirewallRules& rules) {
  if (has_internal(rules)) s.rule(chain, "iifname @internal return");
  for (const auto& network : rules.networks)
    if (network.egress.restricted) s.rule(chain, "iifname " + quoted(network.bridge) + " return");
  for (const auto& endpoint : rules.endpoints)
    s.rule(chain, "iifname " + quoted(endpoint.bridge) + " ether saddr " + endpoint.mac + " return");
}

/// Packets to ports that gantry-relay serves get to its socket as they are (tproxy), so that the host's input rules see what was
/// asked for. Left as it was until everything is told: it also keeps out who may not get there.
void relay_rules(Script& s, const FirewallRules& rules) {
  if (!rules.all_known) return;
  for (const char* chain : {"relay", "relay_bridged", "relay_input", "relay_socket"}) s.empty_chain(chain);
  if (rules.relay_port == 0) return;
  const std::string port = std::to_string(rules.relay_port);
  // It is nobody's to connect to. Answers are another matter: the host may connect from there.
  s.rule("relay", "tcp dport " + port + " tcp flags & (syn | ack) == syn fib daddr type local drop");
  refuse_relay(s, "relay", rules);
  if (rules.bridges_call_us) refuse_relay(s, "relay_bridged", rules);
  for (const std::string kind : {"", "_ranges"}) {
    for (const std::string set : {"ip6 daddr . meta l4proto . th dport @relay_host", "meta l4proto . th dport @relay_any"}) {
      const std::string wanted = set + kind + " fib daddr type local ";
      s.rule("relay", "meta l4proto { tcp, udp } " + wanted + "goto relay_socket");
      s.rule("relay_input", "meta l4proto { tcp, udp } " + set + kind + " jump user");
      if (rules.bridges_call_us) s.rule("relay_bridged", "meta l4proto tcp " + wanted + "redirect to :" + port);
    }
  }
  // Who claims to be the host itself would have the relay answer itself.
  s.rule("relay_socket", "iifname != \"lo\" fib saddr type local drop");
  s.rule("relay_socket", "meta l4proto { tcp, udp } tproxy ip6 to [::1]:" + port + " accept");
  if (rules.bridges_call_us) s.rule("relay_input", "tcp dport " + port + " jump user");
}

/// A container with a policy sends with its own MAC address only, by which the policy knows it; told apart by the bridge's port.
std::string senders(const std::string& table, const FirewallRules& rules) {
  if (rules.endpoints.empty() && !rules.all_known) return "";
  Script s("bridge", table);
  s.chain("senders", "type filter hook prerouting priority -300");
  if (rules.all_known) s.empty_chain("senders");
  if (rules.endpoints.empty()) s.no_chain("senders"); // every frame would pass it
  for (const auto& endpoint : rules.endpoints)
    s.rule("senders", "iifname " + quoted(endpoint.port) + " ether saddr != " + endpoint.mac + " drop");
  return std::move(s).text();
}

} // namespace

std::string relay_ruleset(const std::string& table, const FirewallRules& rules) {
  Script s("inet", table);
  relay_rules(s, rules);
  return std::move(s).text();
}

std::string ruleset(const std::string& table, const FirewallRules& rules) {
  Script s("inet", table);
  declare(s);
  publish_rules(s, rules.respect_host);
  forward_rules(s, rules);
  s.rule("postrouting", "oifname @bridges ip saddr 127.0.0.0/8 masquerade");
  for (const auto& network : rules.networks) {
    const std::string bridge = quoted(network.bridge);
    s.element("bridges", bridge);
    s.element("same", bridge + " . " + bridge);
    if (network.internal) s.element("internal", bridge);
    for (const auto& subnet : network.subnets) subnet_rules(s, network, subnet);
  }
  egress_rules(s, rules);
  relay_rules(s, rules);
  return std::move(s).text() + senders(table, rules);
}

} // namespace gantry::net_bridge
