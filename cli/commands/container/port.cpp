#include <algorithm>
#include <charconv>

#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/container/each.hpp"

namespace gantry::cli {
namespace {

/// "0.0.0.0:8080", "[::]:8080"
std::string address(const Json& binding) {
  const std::string ip = binding.value("HostIp", ""), port = binding.value("HostPort", "");
  return (ip.find(':') == std::string::npos ? ip : "[" + ip + "]") + ":" + port;
}

int port_number(const std::string& port) {
  int number = 0;
  std::from_chars(port.data(), port.data() + port.size(), number);
  return number;
}

/// "80" and "80/tcp" → "80/tcp"
std::string wanted_port(const std::string& given) {
  const std::string number = given.substr(0, given.find('/'));
  int value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (error != std::errc() || end != number.data() + number.size() || value < 0 || value > 65535)
    throw Failure("Error: invalid port (" + number + "): a number from 0 to 65535 is expected");
  return given.find('/') == std::string::npos ? given + "/tcp" : given;
}

} // namespace

int container_port(Invocation& in) {
  FlagSet flags(in);
  const auto words = flags.parse();
  const std::string wanted = words.size() > 1 ? wanted_port(words[1]) : "";
  const Json container = in.client.get("/containers/" + url_encode(words[0]) + "/json");
  const Json ports = container.value("NetworkSettings", Json::object()).value("Ports", Json::object());
  std::vector<std::string> names;
  if (ports.is_object())
    for (const auto& [name, bindings] : ports.items())
      if (bindings.is_array() && (wanted.empty() || name == wanted)) names.push_back(name);
  std::stable_sort(names.begin(), names.end(),
                   [](const std::string& a, const std::string& b) { return port_number(a) < port_number(b); });
  bool any = false;
  for (const std::string& name : names) {
    for (const Json& binding : ports[name]) {
      any = true;
      print_line((wanted.empty() ? name + " -> " : "") + address(binding));
    }
  }
  if (!wanted.empty() && !any) throw Failure("Error: No public port '" + words[1] + "' published for " + words[0]);
  return 0;
}

} // namespace gantry::cli
