#pragma once

#include <array>
#include <string_view>

namespace gantry::api {

/// The networks that every daemon has.
struct PredefinedNetwork {
  std::string_view name, id, driver;
};

inline constexpr std::array<PredefinedNetwork, 2> predefined_networks{{
    {"host", "6a1e5f0b7c3d49e8a2f4b6c8d0e1f3a5b7c9d1e3f5a7b9c1d3e5f7a9b1c3d5e7", "host"},
    {"none", "f3b1d5c7e9a0b2c4d6e8f0a1b3c5d7e9f1a2b4c6d8e0f2a3b5c7d9e1f3a4b6c8", "null"},
}};

} // namespace gantry::api
