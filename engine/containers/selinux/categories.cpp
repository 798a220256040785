#include "containers/selinux/categories.hpp"

#include <algorithm>
#include <random>

#include "base/error.hpp"

namespace gantry::containers::selinux {
namespace {

constexpr unsigned pairs = Categories::count * (Categories::count - 1) / 2;

/// The n-th pair of different categories, the smaller one first.
std::string level_of(unsigned n) {
  unsigned low = 0;
  for (unsigned row = Categories::count - 1; n >= row; --row) {
    n -= row;
    ++low;
  }
  return "s0:c" + std::to_string(low) + ",c" + std::to_string(low + 1 + n);
}

} // namespace

std::string Categories::pick(const std::string& container, const std::set<std::string>& taken) {
  std::random_device random;
  const unsigned first = std::uniform_int_distribution<unsigned>(0, pairs - 1)(random);
  const std::lock_guard lock(guard_);
  for (unsigned i = 0; i < pairs; ++i) {
    const std::string level = level_of((first + i) % pairs);
    const auto is_pending = [&](const auto& entry) { return entry.second == level; };
    if (level == reserved || taken.contains(level) || std::any_of(pending_.begin(), pending_.end(), is_pending)) continue;
    pending_.emplace_back(container, level);
    return level;
  }
  throw unavailable("no pair of SELinux categories is left for another container");
}

void Categories::settle(const std::string& container) {
  const std::lock_guard lock(guard_);
  std::erase_if(pending_, [&](const auto& entry) { return entry.first == container; });
}

} // namespace gantry::containers::selinux
