#include "firewall/ruleset.hpp"

namespace gantry::net_bridge {

namespace {

/// Writes "add … inet TABLE …" lines.
class Script {
 public:
  explicit Script(std::string table) : in_(" inet " + std::move(table)) { line("add table" + in_); }

  void set(const std::string& name, const std::string& type) { line("add set" + in_ + " " + name + " { type " + type + "; }"); }
  void map(const std::string& name, const std::string& type) { line("add map" + in_ + " " + name + " { type " + type + "; }"); }
  void chain(const std::string& name, const std::string& hook = "") {
    line("add chain" + in_ + " " + name + (hook.empty() ? "" : " { " + hook + "; policy accept; }"));
  }
  void empty_chain(const std::string& name) { line("flush chain" + in_ + " " + name); }
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
  s.map("any4", "inet_proto . inet_service : ipv4_addr . inet_service");
  s.map("any6", "inet_proto . inet_service : ipv6_addr . inet_service");
  s.map("host4", "ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service");
  s.map("host6", "ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service");
  s.set("open4", "ipv4_addr . inet_proto . inet_service");
  s.set("open6", "ipv6_addr . inet_proto . inet_service");
  s.chain("guard", "type filter hook prerouting priority raw");
  s.chain("prerouting", "type nat hook prerouting priority dstnat");
  s.chain("output", "type nat hook output priority -100");
  s.chain("postrouting", "type nat hook postrouting priority srcnat");
  s.chain("forward", "type filter hook forward priority filter");
  for (const char* name : {"publish", "to_container", "from_container"}) s.chain(name);
  for (const char* name :
       {"guard", "prerouting", "output", "postrouting", "forward", "publish", "to_container", "from_container"})
    s.empty_chain(name);
  for (const char* name : {"bridges", "internal", "same", "open_bridges"}) s.empty_set(name);
}

void publish_rules(Script& s) {
  // The kernel lets bridges have packets of the loopback (route_localnet); from a container none is genuine.
  s.rule("guard", "iifname @bridges ip daddr 127.0.0.0/8 drop");
  s.rule("guard", "iifname @bridges ip saddr 127.0.0.0/8 drop");
  // What is published on the loopback is for the host itself: its own packets pass "output".
  s.rule("prerouting", "ip daddr 127.0.0.0/8 return");
  s.rule("prerouting", "ip6 daddr ::1 return");
  for (const char* hook : {"prerouting", "output"})
    s.rule(hook, "meta l4proto { tcp, udp, sctp } fib daddr type local jump publish");
  s.rule("publish", "dnat ip to ip daddr . meta l4proto . th dport map @host4");
  s.rule("publish", "dnat ip to meta l4proto . th dport map @any4");
  s.rule("publish", "dnat ip6 to ip6 daddr . meta l4proto . th dport map @host6");
  s.rule("publish", "dnat ip6 to meta l4proto . th dport map @any6");
}

void forward_rules(Script& s, bool drop_strays) {
  s.rule("forward", "oifname @bridges jump user");
  s.rule("forward", "iifname @bridges oifname != @bridges jump user");
  s.rule("forward", "oifname @bridges goto to_container");
  s.rule("forward", "iifname @bridges goto from_container");
  if (drop_strays) {
    s.rule("forward", "ct state established,related accept");
    s.rule("forward", "drop");
  }
  s.rule("to_container", "iifname . oifname @same accept");
  s.rule("to_container", "oifname @internal drop");
  s.rule("to_container", "iifname @internal drop");
  s.rule("to_container", "ct state established,related accept");
  s.rule("to_container", "ct status dnat accept");
  s.rule("to_container", "oifname . meta protocol @open_bridges accept");
  s.rule("to_container", "meta l4proto { tcp, udp, sctp } ip daddr . meta l4proto . th dport @open4 accept");
  s.rule("to_container", "meta l4proto { tcp, udp, sctp } ip6 daddr . meta l4proto . th dport @open6 accept");
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

} // namespace

std::string ruleset(const std::string& table, const std::vector<FirewallNetwork>& networks, bool drop_strays) {
  Script s(table);
  declare(s);
  publish_rules(s);
  forward_rules(s, drop_strays);
  s.rule("postrouting", "oifname @bridges ip saddr 127.0.0.0/8 masquerade");
  s.rule("postrouting", "oifname @bridges ip6 saddr ::1 masquerade");
  for (const auto& network : networks) {
    const std::string bridge = quoted(network.bridge);
    s.element("bridges", bridge);
    s.element("same", bridge + " . " + bridge);
    if (network.internal) s.element("internal", bridge);
    for (const auto& subnet : network.subnets) subnet_rules(s, network, subnet);
  }
  return std::move(s).text();
}

} // namespace gantry::net_bridge
