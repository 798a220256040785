#include "base/error.hpp"
#include "base/log.hpp"
#include "networks/egress.hpp"
#include "networks/endpoint_request.hpp"
#include "networks/impl.hpp"

namespace gantry::networks {

void NetworkService::set_egress(const std::string& reference, const std::string& egress) {
  const std::lock_guard changes(impl_->changes);
  const NetworkPtr before = find(reference);
  if (before->driver != "bridge" || before->config_only)
    throw forbidden("network " + before->name + " has no egress policy: its driver is not the bridge driver");
  Network after = *before;
  after.options[egress_key] = egress_text(egress);
  settle_egress(after.options);
  NetworkCall call;
  // The driver first: it is the one that may refuse. Until the row is written it is the old policy that the next engine tells.
  impl_->driver_of(after)->create_network(call, driver_request(after));
  try {
    impl_->store.save(after);
  } catch (...) {
    impl_->driver_of(after)->create_network(call, driver_request(*before));
    throw;
  }
  {
    const std::unique_lock lock(impl_->guard);
    impl_->at(before->id).network = std::make_shared<const Network>(std::move(after));
  }
  impl_->publish(*before, "update");
}

void NetworkService::change_egress(const Owner& owner, const Attachment& attachment) {
  if (attachment.endpoint.id.empty()) return;
  const NetworkPtr network = find(attachment.network_id);
  NetworkDriver* driver = impl_->driver_of(*network);
  if (driver == nullptr) return;
  check_egress(*network, owner);
  NetworkCall call;
  (void)driver->create_endpoint(call, endpoint_request(owner, attachment));
}

} // namespace gantry::networks
