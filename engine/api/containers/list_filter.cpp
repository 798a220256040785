#include "api/containers/list_filter.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "api/containers/mount_wire.hpp"
#include "api/containers/network_wire.hpp"
#include "base/error.hpp"
#include "containers/health/health_json.hpp"

namespace gantry::api {

namespace {

using gantry::containers::Container;
using gantry::containers::Phase;
using Texts = std::vector<std::string>;

constexpr std::array<std::string_view, 7> statuses{"created", "running", "paused", "restarting", "removing", "exited", "dead"};
constexpr std::array<std::string_view, 4> healths{"none", "starting", "healthy", "unhealthy"};

template <class List>
bool contains(const List& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

template <class Predicate>
bool any_or_empty(const Texts& values, Predicate predicate) {
  return values.empty() || std::any_of(values.begin(), values.end(), predicate);
}

/// "80", "80/tcp", "8000-8010/udp": does one of them cover `port` ("80/tcp")?
bool covers(const std::string& range, const std::string& port) {
  const auto number_of = [](std::string_view text) {
    int value = -1;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
  };
  const auto protocol = [](const std::string& text) {
    const auto slash = text.find('/');
    return slash == std::string::npos ? std::string("tcp") : text.substr(slash + 1);
  };
  if (protocol(range) != protocol(port)) return false;
  const auto dash = range.find('-');
  const int first = number_of(range);
  const int last = dash == std::string::npos ? first : number_of(std::string_view(range).substr(dash + 1));
  const int wanted = number_of(port);
  return first <= wanted && wanted <= last;
}

bool is_port(std::string_view text) {
  int value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && value >= 0 && value <= 65535;
}

/// "80", "80/tcp", "8000-8010/udp"
bool is_port_range(std::string_view text) {
  const auto slash = text.find('/');
  const std::string_view protocol = slash == std::string_view::npos ? "tcp" : text.substr(slash + 1);
  const std::string_view ports = text.substr(0, slash);
  const auto dash = ports.find('-');
  const bool known = protocol == "tcp" || protocol == "udp" || protocol == "sctp";
  return known && is_port(ports.substr(0, dash)) && (dash == std::string_view::npos || is_port(ports.substr(dash + 1)));
}

} // namespace

ContainerFilter::ContainerFilter(const Services& services, const Query& query)
    : filters_(query.get("filters"), {"ancestor", "before", "exited", "expose", "health", "id", "is-task", "isolation", "label",
                                      "name", "network", "publish", "since", "status", "volume"}) {
  const auto limit = query.integer("limit").value_or(0);
  limit_ = limit > 0 ? static_cast<std::size_t>(limit) : 0;
  all_ = query.flag("all") || limit_ > 0 || filters_.has("status");
  read_statuses();
  read_exit_codes();
  check_ports();
  read_ancestors(services);
  filters_.flag("is-task", false);
  if (filters_.has("before")) before_ = services.containers.find(filters_.get("before").front());
  if (filters_.has("since")) since_ = services.containers.find(filters_.get("since").front());
}

void ContainerFilter::read_statuses() {
  for (const auto& status : filters_.get("status"))
    if (!contains(statuses, status))
      throw invalid("invalid filter 'status=" + status + "': invalid value for state (" + status +
                    "): must be one of created, running, paused, restarting, removing, exited, dead");
  for (const auto& health : filters_.get("health"))
    if (!contains(healths, health))
      throw invalid("invalid filter 'health=" + health + "': invalid value for health (" + health +
                    "): must be one of none, starting, healthy, unhealthy");
}

void ContainerFilter::read_exit_codes() {
  for (const auto& text : filters_.get("exited")) {
    std::int64_t code = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
    if (error != std::errc{} || end != text.data() + text.size())
      throw invalid("invalid filter 'exited=" + text + "': a number is expected");
    exit_codes_.push_back(code);
    all_ = true;
  }
}

void ContainerFilter::check_ports() const {
  for (const auto* key : {"expose", "publish"})
    for (const auto& range : filters_.get(key))
      if (!is_port_range(range))
        throw invalid(std::string("invalid filter '") + key + "=" + range +
                      "': expected a port or a range such as 80, 80/tcp or 80-90/udp");
}

/// An unknown image matches nothing; containers of images that were made of one match, too.
void ContainerFilter::read_ancestors(const Services& services) {
  for (const auto& reference : filters_.get("ancestor")) {
    try {
      ancestors_.push_back(services.images.resolve(reference)->id);
    } catch (const Error&) {
      continue;
    }
  }
  const auto images = ancestors_.empty() ? std::vector<gantry::images::ImagePtr>() : services.images.list();
  for (std::size_t i = 0; i < ancestors_.size(); ++i)
    for (const auto& image : images)
      if (image->parent == ancestors_[i]) ancestors_.push_back(image->id);
}

bool ContainerFilter::matches(const Container& container) const {
  const auto& ids = filters_.get("id");
  const auto has_id = [&](const auto& id) { return container.id.starts_with(id); };
  return matches_status(container) && matches_age(container) && matches_name(container) &&
         (any_or_empty(ids, has_id) || match_pattern(ids, container.id)) &&
         match_labels(filters_.get("label"), container.config.labels) && matches_ancestor(container) &&
         matches_mounts(container) && matches_network(container) && matches_ports(container) && !filters_.flag("is-task", false);
}

bool ContainerFilter::matches_status(const Container& container) const {
  const Phase phase = told_phase(container);
  const bool up = phase == Phase::running || phase == Phase::paused || phase == Phase::restarting;
  if (!all_ && !up) return false;
  const auto status = gantry::containers::docker_status(phase);
  if (filters_.has("status") && !contains(filters_.get("status"), status)) return false;
  const auto health = container.health ? to_string(container.health->status) : "none";
  if (filters_.has("health") && !contains(filters_.get("health"), health)) return false;
  if (exit_codes_.empty()) return true;
  return !up && container.started_ns != 0 &&
         std::find(exit_codes_.begin(), exit_codes_.end(), container.exit_code) != exit_codes_.end();
}

bool ContainerFilter::matches_age(const Container& container) const {
  return (!before_ || container.created_ns < before_->created_ns) && (!since_ || container.created_ns > since_->created_ns);
}

bool ContainerFilter::matches_name(const Container& container) const {
  const auto& names = filters_.get("name");
  return names.empty() || match_pattern(names, container.name) || match_pattern(names, '/' + container.name);
}

bool ContainerFilter::matches_ancestor(const Container& container) const {
  return !filters_.has("ancestor") || contains(ancestors_, container.image_id);
}

bool ContainerFilter::matches_mounts(const Container& container) const {
  if (!filters_.has("volume")) return true;
  const auto& wanted = filters_.get("volume");
  const auto is_wanted = [&](const auto& mount) {
    return contains(wanted, mount.destination) || contains(wanted, mount.name.empty() ? mount.source : mount.name);
  };
  return std::any_of(container.mounts.begin(), container.mounts.end(), is_wanted);
}

bool ContainerFilter::matches_network(const Container& container) const {
  if (!filters_.has("network")) return true;
  const auto& wanted = filters_.get("network");
  const auto networks = container_networks(container, newest_version);
  for (const auto& [name, endpoint] : networks.items()) {
    const auto id = endpoint["NetworkID"].get<std::string>();
    if (contains(wanted, name) || (!id.empty() && contains(wanted, id))) return true;
  }
  return false;
}

bool ContainerFilter::matches_ports(const Container& container) const {
  const auto exposes = [&](const auto& range) {
    const auto& ports = container.config.exposed_ports;
    return std::any_of(ports.begin(), ports.end(), [&](const auto& port) { return covers(range, port); });
  };
  const auto publishes = [&](const auto& range) {
    for (const auto& [port, bindings] : container.host_config.port_bindings)
      for (const auto& binding : bindings)
        if (!binding.host_port.empty() && covers(range, binding.host_port + port.substr(std::min(port.find('/'), port.size()))))
          return true;
    return false;
  };
  return any_or_empty(filters_.get("expose"), exposes) && any_or_empty(filters_.get("publish"), publishes);
}

} // namespace gantry::api
