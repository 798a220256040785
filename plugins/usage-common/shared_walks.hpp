#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include <gantry/sdk/error.hpp>
#include <gantry/sdk/host.hpp>

namespace gantry::usage {

/// Walks of directory trees that measure them: `ps -s`, `inspect --size` and `system df` of several clients ask at once, and a
/// tree may be large. Who asks while a tree is being walked gets that result; who asks soon after gets it too, where soon is no
/// longer than the walk has taken. So small trees are always measured anew, and large ones keep the disk busy half of the time at
/// most. Thread-safe; `get` blocks.
template <class Usage>
class SharedWalks {
 public:
  using Clock = std::chrono::steady_clock;

  /// What `walk` tells of the tree `key`, or has just told. Throws what it throws; a walk that somebody else has cancelled is
  /// made again, and who waits for somebody else's walk stops with cancelled when `call` is.
  Usage get(Call& call, const std::string& key, const std::function<Usage()>& walk) {
    for (;;) {
      std::promise<Usage> mine;
      const auto [result, is_mine] = join(key, mine);
      if (is_mine) return run(key, walk, mine);
      // Looked at now and then: no descriptor tells of a future, and nobody is in a hurry to stop waiting.
      while (result.wait_for(look_again) != std::future_status::ready) {
        if (call.cancelled()) throw Error(Code::cancelled, "cancelled while the tree was measured for somebody else");
      }
      try {
        return result.get();
      } catch (const Error& e) {
        if (e.code() != Code::cancelled) throw;
      }
    }
  }

  /// The tree has gone, or another one has its name: the next to ask gets a walk of its own.
  void forget(const std::string& key) {
    const std::lock_guard lock(guard_);
    walks_.erase(key);
  }

 private:
  static constexpr std::chrono::milliseconds look_again{20};

  struct Walk {
    const void* owner = nullptr; ///< the promise of who walks
    std::shared_future<Usage> result;
    bool done = false;
    Clock::time_point good_until;
  };

  std::pair<std::shared_future<Usage>, bool> join(const std::string& key, std::promise<Usage>& mine) {
    const std::lock_guard lock(guard_);
    const auto now = Clock::now();
    for (auto walk = walks_.begin(); walk != walks_.end();)
      walk = walk->second.done && walk->second.good_until <= now ? walks_.erase(walk) : std::next(walk);
    const auto found = walks_.find(key);
    if (found != walks_.end()) return {found->second.result, false};
    walks_[key].owner = &mine;
    walks_[key].result = mine.get_future().share();
    return {{}, true};
  }

  Usage run(const std::string& key, const std::function<Usage()>& walk, std::promise<Usage>& mine) {
    const auto begin = Clock::now();
    try {
      Usage usage = walk();
      {
        const std::lock_guard lock(guard_);
        if (const auto own = walks_.find(key); own != walks_.end() && own->second.owner == &mine) {
          own->second.done = true;
          own->second.good_until = Clock::now() + (Clock::now() - begin);
        }
      }
      mine.set_value(usage);
      return usage;
    } catch (...) {
      {
        const std::lock_guard lock(guard_);
        if (const auto own = walks_.find(key); own != walks_.end() && own->second.owner == &mine) walks_.erase(own);
      }
      mine.set_exception(std::current_exception());
      throw;
    }
  }

  std::mutex guard_;
  std::map<std::string, Walk> walks_;
};

} // namespace gantry::usage
