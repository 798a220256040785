#pragma once

#include <gantry/sdk/fd.hpp>

namespace gantry::net {

/// The calling thread is in another network namespace as long as this lives. The way back cannot fail: a thread that is lost
/// in a container's namespace must not go on, so the process ends.
class InNamespace {
 public:
  explicit InNamespace(int netns_fd);
  ~InNamespace();
  InNamespace(const InNamespace&) = delete;
  InNamespace& operator=(const InNamespace&) = delete;

 private:
  UniqueFd home_;
};

} // namespace gantry::net
