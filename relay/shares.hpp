#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "relay/routes.hpp"

namespace gantry::relay {

/// How many connections each container has, so that none takes the room of all.
class Shares {
 public:
  /// `most`: of all together.
  explicit Shares(std::size_t most) : most_(most / 4) {}
  bool is_full(const Target& target) const {
    const auto found = used_.find(host_of(target));
    return found != used_.end() && found->second >= most_;
  }
  void add(const Target& target) { ++used_[host_of(target)]; }
  void remove(const Target& target) {
    const auto found = used_.find(host_of(target));
    if (found != used_.end() && --found->second == 0) used_.erase(found);
  }

  /// The bytes of its address: ports are counted together.
  static std::string host_of(const Target& target) {
    if (target.address.ss_family == AF_INET) {
      const auto& address = reinterpret_cast<const sockaddr_in&>(target.address).sin_addr;
      return {reinterpret_cast<const char*>(&address), sizeof address};
    }
    const auto& address = reinterpret_cast<const sockaddr_in6&>(target.address).sin6_addr;
    return {reinterpret_cast<const char*>(&address), sizeof address};
  }

 private:
  std::size_t most_;
  std::map<std::string, std::size_t> used_; ///< few
};

} // namespace gantry::relay
