#include "containers/runtimes.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "containers/parts.hpp"

namespace gantry::containers {

std::string Runtimes::by_default() const {
  const std::lock_guard lock(guard_);
  return names_.by_default;
}

std::string Runtimes::for_driver(const std::string& name) const {
  if (knows(name)) return name;
  if (name.empty() || name == "gantry" || name == "runc" || name == "io.containerd.runc.v2") return "";
  throw invalid("unknown or invalid runtime name: " + name);
}

bool Runtimes::is_external(const Container& container) const { return knows(container.host_config.runtime); }

void Runtimes::replace(RuntimeNames names) {
  const std::lock_guard lock(guard_);
  names_ = std::move(names);
}

bool Runtimes::knows(const std::string& name) const {
  const std::lock_guard lock(guard_);
  return std::find(names_.external.begin(), names_.external.end(), name) != names_.external.end();
}

void ContainerService::set_runtimes(RuntimeNames names) { impl_->parts->runtimes.replace(std::move(names)); }

} // namespace gantry::containers
