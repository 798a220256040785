#include "containers/user_namespace.hpp"

#include <charconv>

#include "base/error.hpp"
#include "containers/namespace_join.hpp"

namespace gantry::containers {
namespace {

constexpr std::uint32_t default_size = 65536;
constexpr std::uint32_t max_size = 1u << 24;

/// Ids that "auto" asks for; absent for other modes.
std::optional<std::uint32_t> auto_size(const std::string& mode) {
  constexpr std::string_view word = "auto", option = "auto:size=";
  if (mode == word) return default_size;
  if (!mode.starts_with(option)) return std::nullopt;
  std::uint32_t size = 0;
  const char* end = mode.data() + mode.size();
  const auto [rest, error] = std::from_chars(mode.data() + option.size(), end, size);
  if (error != std::errc() || rest != end || size == 0 || size > max_size) {
    throw invalid("invalid userns mode: " + mode + ": the size must be a number from 1 to " + std::to_string(max_size));
  }
  return size;
}

void check_conflicts(const HostConfig& config) {
  if (config.privileged) {
    throw invalid(
        "privileged mode is incompatible with user namespaces.  You must run the container in the host namespace when "
        "running privileged mode");
  }
  if (config.network_mode == "host") throw invalid("cannot share the host's network namespace when user namespaces are enabled");
  if (config.pid_mode == "host") throw invalid("cannot share the host PID namespace when user namespaces are enabled");
  if (config.ipc_mode == "host") throw invalid("cannot share the host's IPC namespace when user namespaces are enabled");
}

std::vector<IdMaps> taken_maps(const Parts& parts) {
  std::vector<IdMaps> taken;
  for (const auto& entry : parts.index.all()) taken.push_back(entry->snapshot()->id_maps);
  return taken;
}

Error other_user_namespace(const Container& other) {
  return invalid("cannot share the namespaces of container " + other.id +
                 ": they belong to another user namespace than the one that this container asks for");
}

} // namespace

ContainerPtr user_namespace_owner(const Parts& parts, const Container& container) {
  ContainerPtr owner;
  for (const auto& other : joined_containers(parts, container.host_config)) {
    if (other->id_maps.empty() || (owner && owner->id_maps != other->id_maps)) throw other_user_namespace(*other);
    owner = other;
  }
  return owner;
}

void choose_id_maps(Parts& parts, Container& container) {
  const HostConfig& config = container.host_config;
  const auto size = auto_size(config.userns_mode);
  if (!size && !config.userns_mode.empty() && config.userns_mode != "host") {
    throw invalid("invalid userns mode: " + config.userns_mode);
  }
  if (!size && (config.userns_mode == "host" || parts.defaults.remapped_ids.empty())) return;
  check_conflicts(config);
  if (!parts.features().userns) {
    throw not_implemented("user namespaces need a kernel whose overlay takes layers with mapped owners (Linux 5.19 or newer)");
  }
  ContainerPtr owner;
  try {
    owner = user_namespace_owner(parts, container);
  } catch (const Error& cause) {
    // 404 would make clients pull the image.
    if (cause.code() != Code::not_found) throw;
    throw invalid(cause.what());
  }
  if (owner) {
    container.id_maps = owner->id_maps;
  } else {
    container.id_maps = size ? parts.id_pool.allocate(container.id, *size, taken_maps(parts)) : parts.defaults.remapped_ids;
  }
}

} // namespace gantry::containers
