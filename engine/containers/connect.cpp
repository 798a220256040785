#include "base/error.hpp"
#include "base/log.hpp"
#include "base/rollback.hpp"
#include "containers/attachments.hpp"
#include "containers/failpoints.hpp"
#include "containers/network_files.hpp"
#include "containers/networking.hpp"
#include "networks/check_endpoint.hpp"
#include "networks/network_service.hpp"

namespace gantry::containers {
namespace {

using networks::Attachment;
using networks::NetworkPtr;
using networks::NetworkService;

bool is_in(const Container& container, const char* network) { return find_attachment(container, network) != nullptr; }

void check_connect(const Container& container, const networks::Network& network) {
  if (container.phase == Phase::removing || container.phase == Phase::dead)
    throw Error(Code::forbidden_state,
                "Container " + container.id + " is marked for removal and cannot be connected or disconnected to the network");
  if (container.host_config.network_mode.starts_with("container:"))
    throw invalid("container sharing network namespace with another container or host cannot be connected to any other network");
  if (is_in(container, "host"))
    throw invalid("container sharing network namespace with another container or host cannot be connected to any other network");
  if (network.name == "host")
    throw invalid("cannot connect container to host network - container must be created in host network mode");
  if (network.config_only) throw forbidden("cannot create endpoint on configuration-only network");
  if (network.name == "none" || is_in(container, "none"))
    throw invalid("container cannot be connected to multiple networks with one of the networks in private (none) mode");
  if (find_attachment(container, network.name))
    throw forbidden("endpoint with name " + container.name + " already exists in network " + network.name);
  if (network.is_builtin() && !container.host_config.network_mode.empty() && network.name != "bridge")
    throw invalid("container cannot be connected to network " + network.name);
}

/// After the set of networks has changed: every default route is where it belongs.
void settle_routes(NetworkService& service, const Container& container, int netns) {
  for (const auto& attachment : container.networks) {
    service.move_default_route(attachment, netns, default_routes_of(container.networks, attachment));
  }
}

void store(Parts& parts, Entry& entry, const Container& next) {
  const ContainerPtr before = entry.snapshot();
  const ContainerPtr after = parts.apply(entry, [&](Container& c) { c.networks = next.networks; });
  if (is_running(after->phase)) update_network_files(*before, *after, parts.paths.container(entry.id), parts.defaults);
}

void connect_container(Parts& parts, Entry& entry, const std::string& reference, networks::EndpointSettings settings) {
  NetworkService& service = network_service_of(parts);
  const ContainerPtr container = entry.snapshot();
  const NetworkPtr network = service.find(reference);
  networks::check_endpoint(network.get(), network->name, settings);
  check_connect(*container, *network);
  Container next = *container;
  next.networks.push_back({network->name, network->id, std::move(settings), {}});
  Attachment& attachment = next.networks.back();
  Rollback rollback;
  if (is_running(container->phase)) {
    service.reserve(owner_of(next), attachment);
    rollback.add("leave network " + network->name, [&] { service.leave(owner_of(next), attachment); });
    failpoint("connect.after_reserve");
    name_interface(next.networks, attachment);
    const UniqueFd netns = open_netns(container->pid);
    service.join(owner_of(next), attachment, sandbox_of(parts, next, container->pid, netns.get()),
                 default_routes_of(next.networks, attachment));
    settle_routes(service, next, netns.get());
    failpoint("connect.after_join");
  }
  store(parts, entry, next);
  rollback.dismiss();
  failpoint("connect.after_store");
}

void disconnect_container(Parts& parts, Entry& entry, const std::string& reference, bool force) {
  NetworkService& service = network_service_of(parts);
  const ContainerPtr container = entry.snapshot();
  std::string name = reference;
  try {
    name = service.find(reference)->name;
  } catch (const Error&) {
    if (!force) throw;
  }
  if (container->host_config.network_mode == "host" && name == "host")
    throw invalid("cannot disconnect container from host network - container was created in host network mode");
  const Attachment* attachment = find_attachment(*container, name);
  if (attachment == nullptr) {
    const char* which = is_running(container->phase) ? "" : "the "; // as Docker has it
    throw forbidden("container " + container->id + " is not connected to " + which + "network " + name);
  }
  Container next = *container;
  std::erase_if(next.networks, [&](const Attachment& a) { return a.network == attachment->network; });
  service.leave(owner_of(*container), *attachment);
  failpoint("disconnect.after_leave");
  if (is_running(container->phase)) {
    try {
      settle_routes(service, next, open_netns(container->pid).get());
    } catch (const Error& e) {
      // It is ending: its network goes anyway.
      log::debug("container " + container->id + ": routes after a disconnect: " + e.what());
    }
  }
  store(parts, entry, next);
  failpoint("disconnect.after_store");
}

} // namespace

Task<void> ContainerService::connect(std::string reference, std::string network, networks::EndpointSettings settings) {
  const PartsPtr parts = impl_->parts;
  const EntryPtr entry = parts->index.find(reference);
  auto guard = co_await entry->mutex.lock();
  auto job = [parts, entry, network, settings] { connect_container(*parts, *entry, network, settings); };
  co_await on(parts->pool, std::move(job));
}

Task<void> ContainerService::disconnect(std::string reference, std::string network, bool force) {
  const PartsPtr parts = impl_->parts;
  const EntryPtr entry = parts->index.find(reference);
  auto guard = co_await entry->mutex.lock();
  auto job = [parts, entry, network, force] { disconnect_container(*parts, *entry, network, force); };
  co_await on(parts->pool, std::move(job));
}

} // namespace gantry::containers
