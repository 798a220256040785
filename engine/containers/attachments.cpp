#include "containers/attachments.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "containers/network_json.hpp"
#include "networks/check_endpoint.hpp"
#include "networks/network_service.hpp"

namespace gantry::containers {
namespace {

using networks::Attachment;

bool is_default(const std::string& mode) { return mode.empty() || mode == "default"; }

/// What "default" means here.
std::string default_network(const Parts& parts) {
  const auto* service = parts.drivers.networks;
  return service && service->settings().default_bridge ? "bridge" : "none";
}

/// Networks are kept by name; one that does not exist yet is looked for when the container starts.
std::string name_of(const Parts& parts, const std::string& reference) {
  if (is_default(reference)) return default_network(parts);
  if (!parts.drivers.networks) return reference;
  try {
    return parts.drivers.networks->find(reference)->name;
  } catch (const Error& e) {
    if (e.code() != Code::not_found) throw;
    return reference;
  }
}

void check_combination(const std::string& mode, std::size_t count) {
  if (count > 1 && (mode == "host" || mode == "none")) {
    throw invalid("conflicting options: cannot attach both user-defined and non-user-defined network-modes");
  }
}

/// What a start cannot make good any more.
void check_settings(const Parts& parts, const Attachment& attachment) {
  networks::NetworkPtr network;
  try {
    if (parts.drivers.networks) network = parts.drivers.networks->find(attachment.network);
  } catch (const Error& e) {
    if (e.code() != Code::not_found) throw;
  }
  try {
    networks::check_endpoint(network.get(), attachment.network, attachment.settings);
  } catch (const Error& e) {
    throw e.context("invalid config for network " + attachment.network);
  }
}

} // namespace

bool has_own_network(const std::string& mode) { return mode != "host" && !mode.starts_with("container:"); }

std::vector<Attachment> choose_networks(const Parts& parts, Container& container, const Json& endpoints) {
  std::string& mode = container.host_config.network_mode;
  if (is_default(mode)) mode = default_network(parts);
  std::vector<Attachment> attachments;
  if (container.config.network_disabled || mode.starts_with("container:")) return attachments;
  attachments.emplace_back();
  attachments.front().network = name_of(parts, mode);
  if (endpoints.is_object()) {
    for (const auto& [reference, settings] : endpoints.items()) {
      const std::string name = name_of(parts, reference);
      const auto same = [&](const Attachment& a) { return a.network == name; };
      auto place = std::find_if(attachments.begin(), attachments.end(), same);
      if (place == attachments.end()) place = attachments.insert(attachments.end(), Attachment{name, "", {}, {}});
      if (!settings.is_null())
        place->settings = endpoint_settings_from(JsonReader(settings, "NetworkingConfig.EndpointsConfig." + reference));
    }
  }
  check_combination(attachments.front().network, attachments.size());
  // A MAC address of the whole container is that of its first network.
  if (attachments.front().settings.mac_address.empty()) attachments.front().settings.mac_address = container.config.mac_address;
  for (const auto& attachment : attachments) check_settings(parts, attachment);
  return attachments;
}

const Attachment* find_attachment(const Container& container, const std::string& network) {
  for (const auto& attachment : container.networks) {
    if (attachment.network == network || (!network.empty() && attachment.network_id == network)) return &attachment;
  }
  return nullptr;
}

} // namespace gantry::containers
