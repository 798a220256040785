#pragma once

#include <sys/types.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace gantry::files {

/// `size` ids from `inside` on are shown by files as those from `outside` on.
struct OwnerRange {
  std::uint32_t inside = 0, outside = 0, size = 0;
};

/// Owners as files show them against owners as the container knows them. Without ranges they are the same.
class Owners {
 public:
  Owners() = default;
  Owners(std::vector<OwnerRange> users, std::vector<OwnerRange> groups) : users_(std::move(users)), groups_(std::move(groups)) {}
  uid_t user_inside(uid_t id) const { return inside(users_, id); }
  gid_t group_inside(gid_t id) const { return inside(groups_, id); }
  uid_t user_outside(uid_t id) const { return outside(users_, id); }
  gid_t group_outside(gid_t id) const { return outside(groups_, id); }

 private:
  static std::uint32_t inside(const std::vector<OwnerRange>& ranges, std::uint32_t id) {
    for (const auto& r : ranges)
      if (id >= r.outside && id - r.outside < r.size) return r.inside + (id - r.outside);
    return id;
  }
  static std::uint32_t outside(const std::vector<OwnerRange>& ranges, std::uint32_t id) {
    for (const auto& r : ranges)
      if (id >= r.inside && id - r.inside < r.size) return r.outside + (id - r.inside);
    return id;
  }

  std::vector<OwnerRange> users_, groups_;
};

} // namespace gantry::files
