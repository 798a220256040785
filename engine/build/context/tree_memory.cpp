#include "build/context/tree_memory.hpp"

#include <fstream>
#include <limits>

#include "base/error.hpp"
#include "base/log.hpp"
#include "build/mounts/tmpfs.hpp"

namespace gantry::build {
namespace {

constexpr std::uint64_t inodes_max = 200'000; ///< tmpfs does not count what these take

/// Bytes that could be had without swapping.
std::uint64_t available_memory() {
  std::ifstream in("/proc/meminfo");
  for (std::string name; in >> name; in.ignore(std::numeric_limits<std::streamsize>::max(), '\n')) {
    std::uint64_t kib = 0;
    if (name == "MemAvailable:" && in >> kib) return kib << 10;
  }
  return 0;
}

} // namespace

std::unique_ptr<TreeMemory::Room> TreeMemory::take() {
  // What others were given may not be written yet.
  const auto wanted = static_cast<std::uint64_t>(taken_ + 1) * trees_max * tree_max;
  if (!usable_ || available_memory() < wanted) return nullptr;
  if (++taken_ > trees_max) {
    --taken_;
    return nullptr;
  }
  try {
    // A little more than is counted, so that it is never full.
    auto tree = make_tmpfs(
        {{"mode", "0755"}, {"size", std::to_string(tree_max + tree_max / 4)}, {"nr_inodes", std::to_string(inodes_max)}}, 0);
    return std::make_unique<Room>(*this, containers::show_tree(directory_, std::move(tree)));
  } catch (const Error& e) {
    log::debug("a context is kept on disk: " + std::string(e.what()));
    --taken_;
    return nullptr;
  }
}

} // namespace gantry::build
