#include "cli/commands/container/ports.hpp"

#include <charconv>
#include <map>
#include <optional>
#include <unordered_map>

#include "cli/commands/container/flag_values.hpp"
#include "cli/failure.hpp"

namespace gantry::cli {
namespace {

struct Range {
  unsigned first = 0, last = 0;
  unsigned size() const { return last - first + 1; }
};

std::optional<unsigned> number(const std::string& text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || value > 65535) return std::nullopt;
  return value;
}

std::optional<Range> range(const std::string& text) {
  const auto [low, high] = cut(text, '-');
  const auto first = number(low), last = high ? number(*high) : first;
  if (!first || !last || *last < *first) return std::nullopt;
  return Range{*first, *last};
}

/// Takes "/udp" off the end of `text`.
std::string take_protocol(std::string& text) {
  const auto slash = text.rfind('/');
  if (slash == std::string::npos) return "tcp";
  std::string protocol = text.substr(slash + 1);
  text.resize(slash);
  for (char& c : protocol)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  if (protocol != "tcp" && protocol != "udp" && protocol != "sctp") throw Failure("invalid proto: " + protocol, 125);
  return protocol;
}

struct Published {
  std::string ip, host, container;
};

Published take_apart(const std::string& text) {
  const auto last = text.rfind(':');
  if (last == std::string::npos) return {"", "", text};
  Published out{"", "", text.substr(last + 1)};
  const std::string front = text.substr(0, last);
  const auto middle = front.rfind(':');
  out.host = middle == std::string::npos ? front : front.substr(middle + 1);
  if (middle == std::string::npos) return out;
  out.ip = front.substr(0, middle);
  if (out.ip.size() > 2 && out.ip.front() == '[' && out.ip.back() == ']') out.ip = out.ip.substr(1, out.ip.size() - 2);
  try {
    if (!out.ip.empty()) check_ip(out.ip);
  } catch (const std::invalid_argument&) {
    throw Failure("invalid IP address: " + out.ip, 125);
  }
  return out;
}

/// "target=80,published=8080" in the short form.
std::string short_form(const std::string& text) {
  std::map<std::string, std::string> fields{{"protocol", "tcp"}};
  for (const std::string& field : split_csv(text)) {
    const auto [key, value] = cut(field, '=');
    if (!value) throw Failure("invalid field: " + field, 125);
    if (key != "target" && key != "published" && key != "protocol" && key != "mode")
      throw Failure("invalid field key: " + key, 125);
    fields[key] = *value;
  }
  const std::string host = fields.contains("published") ? fields["published"] + ":" : "";
  return host + fields["target"] + "/" + fields["protocol"];
}

/// An object's members by their names: looking at all there are is slow in a range of ten thousand.
class Members {
 public:
  explicit Members(Json& object) : members_(object.get_ref<Json::object_t&>()) {}
  Json& operator[](const std::string& key) {
    const auto [at, fresh] = places_.try_emplace(key, members_.size());
    if (fresh) members_.emplace_back(key, nullptr);
    return (members_.begin() + static_cast<std::ptrdiff_t>(at->second))->second;
  }

 private:
  Json::object_t& members_;
  std::unordered_map<std::string, std::size_t> places_;
};

void publish_one(const std::string& value, Members& exposed, Members& bindings) {
  const bool long_form = value.find('=') != std::string::npos;
  std::string text = long_form ? short_form(value) : value;
  const std::string protocol = take_protocol(text);
  const Published parts = take_apart(text);
  if (parts.container.empty()) throw Failure("no port specified: " + value + "<empty>", 125);
  const auto inside = range(parts.container);
  if (!inside) throw Failure("invalid containerPort: " + parts.container, 125);
  const bool fixed = !parts.host.empty();
  const auto asked = range(parts.host);
  if (fixed && !asked) throw Failure("invalid hostPort: " + parts.host, 125);
  const Range outside = asked.value_or(Range{});
  const bool any_of_range = fixed && inside->size() == 1;
  if (fixed && !any_of_range && outside.size() != inside->size())
    throw Failure("invalid ranges specified for container and host Ports: " + parts.container + " and " + parts.host, 125);
  for (unsigned i = 0; i < inside->size(); ++i) {
    const std::string key = std::to_string(inside->first + i) + "/" + protocol;
    const std::string host = !fixed ? "" : any_of_range ? parts.host : std::to_string(outside.first + i);
    exposed[key] = Json::object();
    bindings[key].push_back({{"HostIp", parts.ip}, {"HostPort", host}});
  }
}

} // namespace

Ports parse_ports(const std::vector<std::string>& publish, const std::vector<std::string>& expose) {
  Ports ports;
  Members exposed(ports.exposed), bindings(ports.bindings);
  for (const std::string& value : publish) publish_one(value, exposed, bindings);
  for (const std::string& value : expose) {
    if (value.find(':') != std::string::npos) throw Failure("invalid port format for --expose: " + value, 125);
    std::string text = value;
    const std::string protocol = take_protocol(text);
    const auto span = range(text);
    if (!span)
      throw Failure(
          "invalid range format for --expose: " + value + ", error: strconv.ParseUint: parsing \"" + text + "\": invalid syntax",
          125);
    for (unsigned port = span->first; port <= span->last; ++port) exposed[std::to_string(port) + "/" + protocol] = Json::object();
  }
  return ports;
}

} // namespace gantry::cli
