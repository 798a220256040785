#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include <gantry/sdk/error.hpp>

namespace gantry::log_common {

/// What a driver keeps for each container. The host serialises calls about one container; the table is for all of them.
template <class State>
class Containers {
 public:
  void put(const std::string& id, std::shared_ptr<State> state) {
    const std::lock_guard lock(guard_);
    states_[id] = std::move(state);
  }
  void drop(const std::string& id) {
    const std::lock_guard lock(guard_);
    states_.erase(id);
  }
  /// not_found when it is not open.
  std::shared_ptr<State> get(const std::string& id) const {
    const std::lock_guard lock(guard_);
    const auto found = states_.find(id);
    if (found == states_.end()) throw Error(Code::not_found, "the log of container " + id + " is not open");
    return found->second;
  }

 private:
  mutable std::mutex guard_;
  std::map<std::string, std::shared_ptr<State>> states_;
};

} // namespace gantry::log_common
