#include "networks/egress.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/error.hpp"
#include "networks/address.hpp"

namespace gantry::networks {
namespace {

/// A rule in a kernel's chain each.
constexpr std::size_t max_destinations = 256;

[[noreturn]] void refuse(const std::string& text) {
  throw invalid("invalid egress destination \"" + text +
                "\": expected ADDRESS[/LENGTH][:PORT[-PORT]][/tcp|udp|sctp|icmp], with an IPv6 address in brackets before a "
                "port; or \"any\" or \"none\" alone");
}

std::optional<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

std::string ports_text(const std::string& ports, const std::string& whole) {
  const std::size_t dash = ports.find('-');
  const auto first = port_of(std::string_view(ports).substr(0, dash));
  const auto last = dash == std::string::npos ? first : port_of(std::string_view(ports).substr(dash + 1));
  if (!first || !last || *last < *first) refuse(whole);
  return ":" + std::to_string(*first) + (*first == *last ? "" : "-" + std::to_string(*last));
}

/// "10.1.2.3/8" → "10.0.0.0/8"; brackets stay with IPv6, so that what follows cannot be taken for a part of it.
std::string subnet_text(const std::string& text, const std::string& whole) {
  const bool bracketed = text.size() > 2 && text.front() == '[' && text.back() == ']';
  std::string bare = bracketed ? text.substr(1, text.size() - 2) : text;
  if (bare.find('/') == std::string::npos) bare += bare.find(':') == std::string::npos ? "/32" : "/128";
  const auto prefix = Prefix::parse(bare);
  if (!prefix || (bracketed && !prefix->address.is_ipv6())) refuse(whole);
  const std::string subnet = prefix->network().text();
  return prefix->address.is_ipv6() ? "[" + subnet + "]" : subnet;
}

/// Takes "/tcp" and its like from the end; empty: every protocol.
std::string take_protocol(std::string& rest) {
  for (const char* protocol : {"tcp", "udp", "sctp", "icmp"}) {
    const std::string end = std::string("/") + protocol;
    if (rest.size() <= end.size() || !rest.ends_with(end)) continue;
    rest.resize(rest.size() - end.size());
    return end;
  }
  return "";
}

std::string destination_text(const std::string& text) {
  std::string rest = text;
  const std::string protocol = take_protocol(rest);
  std::string ports;
  const std::size_t bracket = rest.rfind(']');
  const std::size_t colon = rest.find(':', bracket == std::string::npos ? 0 : bracket);
  // Without brackets the colons of an IPv6 address are no port.
  const bool has_port =
      colon != std::string::npos && (bracket != std::string::npos || rest.find(':', colon + 1) == std::string::npos);
  if (has_port) {
    ports = ports_text(rest.substr(colon + 1), text);
    rest.resize(colon);
  }
  if (protocol == "/icmp" && has_port) refuse(text);
  return subnet_text(rest, text) + ports + protocol;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t at = 0;
  while (at <= text.size()) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    parts.push_back(text.substr(at, comma - at));
    at = comma + 1;
  }
  return parts;
}

} // namespace

std::string egress_text(const std::vector<std::string>& destinations) {
  if (destinations.empty() || destinations == std::vector<std::string>{"none"}) return "none";
  if (destinations == std::vector<std::string>{"any"}) return "";
  if (destinations.size() > max_destinations)
    throw invalid("an egress policy has at most " + std::to_string(max_destinations) + " destinations");
  std::string text;
  for (const auto& destination : destinations) text += (text.empty() ? "" : ",") + destination_text(destination);
  return text;
}

std::string egress_text(const std::string& text) {
  if (text.empty()) return "";
  return egress_text(split(text));
}

std::vector<std::string> egress_list(const std::string& checked) {
  if (checked.empty() || checked == "none") return {};
  return split(checked);
}

void settle_egress(std::map<std::string, std::string>& options) {
  const auto found = options.find(egress_key);
  if (found == options.end()) return;
  found->second = egress_text(found->second);
  if (found->second.empty()) options.erase(found);
}

} // namespace gantry::networks
