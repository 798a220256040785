#include "config/networks.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "base/error.hpp"
#include "base/json.hpp"
#include "config/parse_value.hpp"

namespace gantry::config {

namespace {

constexpr std::size_t max_interface_name = 15;

AddressPool checked(const std::string& base, std::int64_t size) {
  parse_cidr(base);
  const auto slash = base.find('/');
  const bool ipv6 = base.find(':') != std::string::npos;
  const auto length = parse_integer(base.substr(slash + 1), 0, ipv6 ? 128 : 32);
  if (size < length || size > (ipv6 ? 126 : 30))
    throw invalid("invalid size " + std::to_string(size) + " of address pool " + base +
                  ": it is the length of the subnets' masks");
  return {base, static_cast<unsigned>(size)};
}

} // namespace

std::string parse_cidr(const std::string& text) {
  const auto slash = text.find('/');
  if (slash != std::string::npos) {
    const std::string address = text.substr(0, slash);
    unsigned char bytes[16];
    const bool v4 = ::inet_pton(AF_INET, address.c_str(), bytes) == 1, v6 = ::inet_pton(AF_INET6, address.c_str(), bytes) == 1;
    const std::string length = text.substr(slash + 1);
    const bool digits = !length.empty() && length.size() <= 3 && length.find_first_not_of("0123456789") == std::string::npos;
    if ((v4 || v6) && digits && std::stoi(length) <= (v4 ? 32 : 128)) return text;
  }
  throw invalid("invalid value \"" + text + "\": ADDRESS/LENGTH is needed, such as 172.26.0.1/16");
}

void apply_address_pools(Config& config, const Values& values) {
  if (values.empty()) return;
  const Json list = Json::parse(values.back());
  if (!list.is_array())
    throw invalid("invalid value " + list.dump() + ": a list of {\"base\": CIDR, \"size\": NUMBER} is needed");
  config.address_pools.clear();
  for (const Json& item : list) {
    const bool right = item.is_object() && item.contains("base") && item["base"].is_string() && item.contains("size") &&
                       item["size"].is_number_integer();
    if (!right) throw invalid("invalid address pool " + item.dump() + ": {\"base\": CIDR, \"size\": NUMBER} is needed");
    config.address_pools.push_back(checked(item["base"].get<std::string>(), item["size"].get<std::int64_t>()));
  }
}

void apply_address_pool_flags(Config& config, const Values& values) {
  for (const auto& value : values) {
    const auto comma = value.find(',');
    const bool right = value.starts_with("base=") && comma != std::string::npos && value.substr(comma + 1).starts_with("size=");
    if (!right) throw invalid("invalid value \"" + value + "\": base=CIDR,size=NUMBER is needed");
    config.address_pools.push_back(checked(value.substr(5, comma - 5), parse_integer(value.substr(comma + 6), 0, 128)));
  }
}

void apply_bridge(Config& config, const Values& values) {
  const auto& name = values.back();
  const bool legal =
      name.size() <= max_interface_name && name.find_first_of("/ \t\n") == std::string::npos && name != "." && name != "..";
  if (!legal)
    throw invalid("invalid value \"" + name +
                  "\": the name of a network interface has at most 15 characters, without '/' and blanks");
  config.bridge = name;
}

} // namespace gantry::config
