#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/version.hpp"
#include "base/json.hpp"
#include "containers/model.hpp"
#include "state/paths.hpp"

// Containers as JSON, with Docker's keys in Docker's order.
namespace gantry::api {

/// SizeRw and SizeRootFs.
using ContainerSize = std::pair<std::int64_t, std::int64_t>;

/// One element of GET /containers/json. `image`: the name to show.
Json container_summary(const gantry::containers::Container& container, const std::string& image, std::int64_t now_ns,
                       const std::optional<ContainerSize>& size, ApiVersion version);

/// What inspect shows besides the container itself.
struct InspectContext {
  const state::Paths& paths;
  std::vector<std::string> exec_ids;
  std::vector<std::pair<std::string, std::string>> graph_data;
  std::optional<ContainerSize> size;
};

/// GET /containers/{id}/json.
Json container_inspect(const gantry::containers::Container& container, const InspectContext& context, ApiVersion version);

} // namespace gantry::api
