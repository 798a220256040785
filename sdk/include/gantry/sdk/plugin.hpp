#pragma once

#include <memory>
#include <string>
#include <type_traits>

#include <gantry/sdk/detail/log_thunks.hpp>
#include <gantry/sdk/detail/network_thunks.hpp>
#include <gantry/sdk/detail/runtime_thunks.hpp>
#include <gantry/sdk/detail/storage_thunks.hpp>

// Turns driver classes into a plugin. At namespace scope of one source file:
//
//   class DirStorage final : public gantry::StorageDriver { … };
//   GANTRY_PLUGIN("com.example.dir", "1.0.0", gantry::driver<DirStorage>("dir"))
//
// A driver class is constructed as T(gantry::Host&, std::string config_json) or T(gantry::Host&). It reports failure by
// throwing gantry::Error; any other exception reaches the user as an internal error with its what().
namespace gantry {

namespace detail {

template <class T>
std::unique_ptr<T> construct(Host& host, const std::string& config_json) {
  if constexpr (std::is_constructible_v<T, Host&, std::string>)
    return std::make_unique<T>(host, config_json);
  else
    return std::make_unique<T>(host);
}

template <class T, class Driver>
std::int32_t create_instance(const gantry_call* call, const gantry_host* host, const gantry_str* config_json,
                             void** self) noexcept {
  return guarded(call, [&] {
    auto instance = std::make_unique<Instance<Driver>>();
    instance->host = std::make_unique<HostView>(host);
    instance->driver = construct<T>(*instance->host, text(config_json));
    *self = instance.release();
  });
}

template <class Driver>
void destroy_instance(void* self) noexcept {
  std::unique_ptr<Instance<Driver>>(static_cast<Instance<Driver>*>(self));
}

template <class T, class Driver>
gantry_driver describe_driver(const char* name, const char* interface) {
  auto d = sized<gantry_driver>();
  d.name = view(name);
  d.interface = view(interface);
  d.table = &table_of<T>(static_cast<const Driver*>(nullptr));
  d.create = &create_instance<T, Driver>;
  d.destroy = &destroy_instance<Driver>;
  return d;
}

template <std::size_t N>
gantry_plugin describe_plugin(const char* id, const char* version, const gantry_driver (&drivers)[N]) {
  auto p = sized<gantry_plugin>();
  p.abi_major = GANTRY_ABI_MAJOR;
  p.abi_minor = GANTRY_ABI_MINOR;
  p.id = view(id);
  p.version = view(version);
  p.drivers = {drivers, N, sizeof(gantry_driver)};
  return p;
}

} // namespace detail

/// An entry of GANTRY_PLUGIN: class T, a RuntimeDriver, StorageDriver, NetworkDriver or LogDriver, under the name that the
/// manifest gives it.
template <class T>
gantry_driver driver(const char* name) {
  static_assert(std::is_constructible_v<T, Host&, std::string> || std::is_constructible_v<T, Host&>,
                "a driver is constructed as T(gantry::Host&, std::string config_json) or T(gantry::Host&)");
  if constexpr (std::is_base_of_v<RuntimeDriver, T>) {
    return detail::describe_driver<T, RuntimeDriver>(name, GANTRY_RUNTIME_INTERFACE);
  } else if constexpr (std::is_base_of_v<NetworkDriver, T>) {
    return detail::describe_driver<T, NetworkDriver>(name, GANTRY_NETWORK_INTERFACE);
  } else if constexpr (std::is_base_of_v<LogDriver, T>) {
    return detail::describe_driver<T, LogDriver>(name, GANTRY_LOG_INTERFACE);
  } else {
    static_assert(std::is_base_of_v<StorageDriver, T>,
                  "a driver derives from gantry::RuntimeDriver, StorageDriver, NetworkDriver or LogDriver");
    return detail::describe_driver<T, StorageDriver>(name, GANTRY_STORAGE_INTERFACE);
  }
}

} // namespace gantry

/// Defines the plugin's entry point. `id` and `plugin_version` must equal the manifest's.
#define GANTRY_PLUGIN(plugin_id, plugin_version, ...)                                                                   \
  extern "C" __attribute__((visibility("default"))) const gantry_plugin* gantry_plugin_entry_v1(const gantry_engine*) { \
    static const gantry_driver drivers[] = {__VA_ARGS__};                                                               \
    static const gantry_plugin plugin = ::gantry::detail::describe_plugin(plugin_id, plugin_version, drivers);          \
    return &plugin;                                                                                                     \
  }
