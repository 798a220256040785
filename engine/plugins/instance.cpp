#include "plugins/instance.hpp"

#include <gantry/sdk/detail/view.hpp>

#include "base/log.hpp"
#include "plugins/call.hpp"

namespace gantry::plugins {

DriverInstance::DriverInstance(const gantry_driver& driver, std::unique_ptr<HostServices> host, const std::string& config_json)
    : name_(detail::text(driver.name)), who_("driver '" + name_ + "'"), host_(std::move(host)), destroy_(driver.destroy) {
  if (destroy_ == nullptr) throw unavailable(who_ + " does not implement destroy");
  CancellableCall call;
  const gantry_str config = detail::view(config_json);
  void* self = nullptr;
  invoke(driver.create, "create", call,
         [&](void*, const gantry_call* c) { return driver.create(c, host_->get(), &config, &self); });
  if (self == nullptr) throw internal(who_ + " was created without an instance");
  self_ = self;
}

DriverInstance::~DriverInstance() {
  if (self_ == nullptr) return;
  try {
    destroy_(self_);
  } catch (...) {
    log::error(who_ + " let an exception out of destroy");
  }
}

} // namespace gantry::plugins
