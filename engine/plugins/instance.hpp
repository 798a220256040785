#pragma once

#include <memory>
#include <string>

#include <gantry/abi/v1/core.h>
#include <gantry/sdk/host.hpp>

#include "base/error.hpp"
#include "plugins/call_bridge.hpp"
#include "plugins/host_services.hpp"
#include "plugins/process_state.hpp"

namespace gantry::plugins {

/// A driver that its plugin made. Destruction ends it; containers, mounts and data stay.
class DriverInstance {
 public:
  /// Throws what the driver's constructor did.
  DriverInstance(const gantry_driver& driver, std::unique_ptr<HostServices> host, const std::string& config_json);
  DriverInstance(const DriverInstance&) = delete;
  DriverInstance& operator=(const DriverInstance&) = delete;
  ~DriverInstance();

  const std::string& name() const { return name_; }
  /// "driver 'overlay'", to begin a sentence with.
  const std::string& who() const { return who_; }

  /// Runs `f(self, gantry_call)` and throws the error it leaves. not_implemented when `slot` is null. Debug builds also
  /// check that it left the process as it was.
  template <class Slot, class F>
  void invoke(Slot slot, const char* operation, Call& call, F f) const {
    if (slot == nullptr) throw not_implemented(who_ + " does not implement " + operation);
    const CallBridge bridge(call);
    const Watch watch(*this, operation);
    std::int32_t code = GANTRY_OK;
    try {
      code = f(self_, bridge.get());
    } catch (...) {
      throw internal(who_ + " let an exception out of " + operation);
    }
    bridge.finish(code, who_, operation);
    watch.check();
  }

 private:
#ifdef NDEBUG
  struct Watch {
    Watch(const DriverInstance&, const char*) {}
    void check() const {}
  };
#else
  class Watch {
   public:
    Watch(const DriverInstance& instance, const char* operation) : instance_(instance), operation_(operation) {}
    void check() const {
      const std::string changed = before_.difference(ProcessState::now());
      if (!changed.empty()) throw internal(instance_.who_ + " changed " + changed + " of the daemon in " + operation_);
    }

   private:
    const DriverInstance& instance_;
    const char* operation_;
    ProcessState before_ = ProcessState::now();
  };
#endif

  std::string name_, who_;
  std::unique_ptr<HostServices> host_;
  void* self_ = nullptr;
  void (*destroy_)(void*) = nullptr;
};

} // namespace gantry::plugins
