#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "containers/subpaths.hpp"

namespace gantry::build {

/// Room in memory for the files of contexts: they are written once, read a few times and thrown away, and on a disk all of that
/// has its price. A daemon gives away only so much of it, and only while the machine has plenty. Thread-safe.
class TreeMemory {
 public:
  static constexpr std::uint64_t tree_max = 256 << 20; ///< bytes of one context
  static constexpr int trees_max = 4;                  ///< at once

  /// Rooms are shown below `directory`. `usable`: false gives none.
  TreeMemory(std::string directory, bool usable) : directory_(std::move(directory)), usable_(usable) {}

  /// An empty directory; with the object it is gone, and what is in it.
  class Room {
   public:
    Room(TreeMemory& all, containers::Shown shown) : all_(all), shown_(std::move(shown)) {}
    ~Room() {
      shown_.held.reset();
      --all_.taken_;
    }
    Room(const Room&) = delete;
    Room& operator=(const Room&) = delete;
    const std::string& path() const { return shown_.path; }

   private:
    TreeMemory& all_;
    containers::Shown shown_;
  };

  /// Null: there is none, a disk has to do.
  std::unique_ptr<Room> take();

 private:
  const std::string directory_;
  const bool usable_;
  std::atomic<int> taken_{0};
};

} // namespace gantry::build
