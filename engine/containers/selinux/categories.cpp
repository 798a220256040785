#include "containers/selinux/categories.hpp"

#include <algorithm>
#include <random>

#include "base/error.hpp"

namespace gantry::containers::selinux {
namespace {

constexpr unsigned pairs = Categories::count * (Categories::count - 1) / 2;

/// Two different categories, the smaller one first.
struct CategoryPair {
  unsigned low = 0, high = 1;

  std::string level() const { return "s0:c" + std::to_string(low) + ",c" + std::to_string(high); }
  /// After the last one comes the first one.
  void advance() {
    if (++high < Categories::count) return;
    if (++low == Categories::count - 1) low = 0;
    high = low + 1;
  }
};

CategoryPair random_pair() {
  std::random_device random;
  std::uniform_int_distribution<unsigned> any(0, Categories::count - 1);
  for (;;) {
    const unsigned one = any(random), other = any(random);
    if (one != other) return {std::min(one, other), std::max(one, other)};
  }
}

} // namespace

std::string Categories::pick(const std::string& container, const std::set<std::string>& taken) {
  CategoryPair pair = random_pair();
  const std::lock_guard lock(guard_);
  for (unsigned tried = 0; tried < pairs; ++tried, pair.advance()) {
    const std::string level = pair.level();
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
