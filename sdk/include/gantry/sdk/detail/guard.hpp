#pragma once

#include <exception>
#include <memory>
#include <new>
#include <string>

#include <gantry/sdk/detail/view.hpp>
#include <gantry/sdk/host.hpp>

// The plugin's side of the edge: the engine's call and host as C++ objects, and the guard that no exception passes.
namespace gantry::detail {

class CallView final : public Call {
 public:
  explicit CallView(const gantry_call* call) : c_(read(call)) {}
  bool cancelled() const override { return c_.cancelled(c_.ctx) != 0; }
  int cancel_fd() const override { return c_.cancel_fd(c_.ctx); }
  std::int64_t deadline_ns() const override { return c_.deadline_ns; }
  void progress(std::uint64_t current, std::uint64_t total) override { c_.progress(c_.ctx, current, total); }

 private:
  gantry_call c_;
};

class HostView final : public Host {
 public:
  explicit HostView(const gantry_host* host)
      : c_(read(host)),
        state_dir_(text(c_.state_dir)),
        run_dir_(text(c_.run_dir)),
        libexec_dir_(text(c_.libexec_dir)),
        instance_(text(c_.instance)) {}

  void log(LogLevel level, std::string_view message) override {
    const gantry_str m = view(message);
    c_.log(c_.ctx, static_cast<std::int32_t>(level), &m);
  }
  const std::string& state_dir() const override { return state_dir_; }
  const std::string& run_dir() const override { return run_dir_; }
  const std::string& libexec_dir() const override { return libexec_dir_; }
  const std::string& instance() const override { return instance_; }

 private:
  gantry_host c_;
  std::string state_dir_, run_dir_, libexec_dir_, instance_;
};

inline std::int32_t fail(const gantry_call* call, Code code, int os_errno, std::string_view reason,
                         std::string_view message) noexcept {
  const gantry_str r = view(reason);
  const gantry_str m = view(message);
  call->fail(call->ctx, static_cast<std::int32_t>(code), os_errno, &r, &m);
  return static_cast<std::int32_t>(code);
}

/// Runs f; whatever it throws becomes an error on the call.
template <class F>
std::int32_t guarded(const gantry_call* call, F f) noexcept {
  try {
    f();
    return GANTRY_OK;
  } catch (const Error& e) {
    return fail(call, e.code(), e.os_errno(), e.reason(), e.what());
  } catch (const std::bad_alloc&) {
    return fail(call, Code::resource_exhausted, 0, "", "out of memory");
  } catch (const std::exception& e) {
    return fail(call, Code::internal, 0, "", e.what());
  } catch (...) {
    return fail(call, Code::internal, 0, "", "the driver threw something that is not an exception");
  }
}

template <class Item>
void put(const gantry_sink* sink, const Item& item) {
  sink->put(sink->ctx, &item);
}

/// What `self` points to. The driver goes before the host that it was given.
template <class Driver>
struct Instance {
  std::unique_ptr<HostView> host;
  std::unique_ptr<Driver> driver;
};

/// Runs f(driver, call) guarded.
template <class Driver, class F>
std::int32_t enter(void* self, const gantry_call* call, F f) noexcept {
  return guarded(call, [&] {
    CallView view(call);
    f(*static_cast<Instance<Driver>*>(self)->driver, view);
  });
}

} // namespace gantry::detail
