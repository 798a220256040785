#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "containers/model.hpp"

namespace gantry::containers {

/// What an update may change of a container's network while it runs, without a restart: an extension of Gantry.
struct NetworkChanges {
  using Bindings = std::map<std::string, std::vector<PortBinding>>; ///< as HostConfig.PortBindings: "80/tcp" → where
  Bindings publish, withdraw;
  std::optional<std::string> egress; ///< the new policy, checked (networks/egress.hpp); empty: none; absent: as it is

  bool empty() const { return publish.empty() && withdraw.empty() && !egress; }
  bool changes_ports() const { return !publish.empty() || !withdraw.empty(); }
};

/// The member "Gantry" of an update request. invalid for what it cannot be.
NetworkChanges network_changes_from_json(const Json&);

} // namespace gantry::containers
