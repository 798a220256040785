#include "events/filter.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace gantry::events {

namespace {

using Set = std::set<std::string>;

/// Keys that select events of the type of the same name by the actor's ID or name.
constexpr std::array<std::string_view, 9> actor_keys = {"container", "daemon",  "network", "volume", "plugin",
                                                        "node",      "service", "secret",  "config"};
constexpr std::array<std::string_view, 5> other_keys = {"event", "image", "label", "scope", "type"};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& keys, std::string_view key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

std::string attribute(const Event& event, const std::string& name) {
  const auto found = event.attributes.find(name);
  return found == event.attributes.end() ? std::string() : found->second;
}

bool begins_with_any(const std::string& text, const Set& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const auto& p) { return text.starts_with(p); });
}

bool actor_matches(const Event& event, const std::string& type, const Set& wanted) {
  if (event.type != type) return false;
  return wanted.contains(event.actor_id) || begins_with_any(event.actor_id, wanted) ||
         begins_with_any(attribute(event, "name"), wanted);
}

/// "exec_create: sh -c true" is asked for as exec_create, "health_status: healthy" as health_status.
bool action_matches(const std::string& action, const Set& wanted) {
  if (wanted.contains(action)) return true;
  for (const std::string kind : {"health_status", "exec_create", "exec_start"}) {
    if (wanted.contains(kind) && action.starts_with(kind)) return true;
  }
  return false;
}

bool label_matches(const Event& event, const std::string& label) {
  const auto equals = label.find('=');
  const auto found = event.attributes.find(label.substr(0, equals));
  if (found == event.attributes.end()) return false;
  return equals == std::string::npos || found->second == label.substr(equals + 1);
}

/// The reference without its tag or digest; a colon before the last slash belongs to the registry's port.
std::string untagged(std::string reference) {
  reference = reference.substr(0, reference.find('@'));
  const auto colon = reference.rfind(':');
  const auto slash = reference.rfind('/');
  if (colon != std::string::npos && (slash == std::string::npos || colon > slash)) reference.resize(colon);
  return reference;
}

bool image_matches(const Event& event, const Set& wanted) {
  if (event.type != "image" && event.type != "container") return false;
  const bool own = event.type == "image";
  const auto name = attribute(event, own ? "name" : "image");
  if (wanted.contains(name) || wanted.contains(untagged(name))) return true;
  return own && (wanted.contains(event.actor_id) || wanted.contains(untagged(event.actor_id)));
}

bool key_matches(const Event& event, const std::string& key, const Set& wanted) {
  if (wanted.empty()) return true;
  if (key == "event") return action_matches(event.action, wanted);
  if (key == "type") return wanted.contains(event.type);
  if (key == "scope") return wanted.contains("local");
  if (key == "image") return image_matches(event, wanted);
  if (key == "label") return std::all_of(wanted.begin(), wanted.end(), [&](const auto& l) { return label_matches(event, l); });
  return actor_matches(event, key, wanted);
}

} // namespace

Filter::Filter(Values values) : values_(std::move(values)) {
  std::erase_if(values_, [](const auto& item) { return !contains(actor_keys, item.first) && !contains(other_keys, item.first); });
}

bool Filter::matches(const Event& event) const {
  return std::all_of(values_.begin(), values_.end(),
                     [&](const auto& item) { return key_matches(event, item.first, item.second); });
}

} // namespace gantry::events
