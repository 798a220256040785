#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "api/filters.hpp"
#include "networks/network.hpp"

namespace gantry::api {

/// The filters of list and prune, of which each allows some. invalid for others.
class NetworkFilter {
 public:
  NetworkFilter(const std::string& text, std::initializer_list<std::string_view> allowed);
  /// `used`: a running container is in it.
  bool matches(const gantry::networks::Network&, bool used) const;

 private:
  Filters filters_;
  std::optional<bool> dangling_;
  std::optional<std::int64_t> until_ns_;
};

} // namespace gantry::api
