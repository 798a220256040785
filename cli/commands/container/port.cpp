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

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// As people sort: runs of digits by their value.
bool comes_before(const std::string& a, const std::string& b) {
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (is_digit(a[i]) && is_digit(b[j])) {
      unsigned long long x = 0, y = 0;
      i = static_cast<std::size_t>(std::from_chars(a.data() + i, a.data() + a.size(), x).ptr - a.data());
      j = static_cast<std::size_t>(std::from_chars(b.data() + j, b.data() + b.size(), y).ptr - b.data());
      if (x != y) return x < y;
    } else if (a[i] != b[j]) {
      return a[i] < b[j];
    } else {
      ++i;
      ++j;
    }
  }
  return a.size() - i < b.size() - j;
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
  std::vector<std::string> lines;
  if (ports.is_object()) {
    for (const auto& [name, bindings] : ports.items()) {
      if (!bindings.is_array() || (!wanted.empty() && name != wanted)) continue;
      for (const Json& binding : bindings) lines.push_back((wanted.empty() ? name + " -> " : "") + address(binding));
    }
  }
  if (!wanted.empty() && lines.empty()) throw Failure("Error: No public port '" + words[1] + "' published for " + words[0]);
  std::sort(lines.begin(), lines.end(), comes_before);
  for (const auto& line : lines) print_line(line);
  return 0;
}

} // namespace gantry::cli
