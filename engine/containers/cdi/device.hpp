#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"

// Container Device Interface, versions 0.3 to 1.0: JSON or YAML files of vendors describe what a container needs for a device.
namespace gantry::containers::cdi {

/// The "containerEdits" of the named devices ("vendor.com/class=name"), each spec file's own before those of its devices.
/// Files of later directories win over those of earlier ones; files that cannot be used are logged and left out.
/// Throws internal with Docker's text for devices that cannot be resolved.
std::vector<Json> find_edits(const std::vector<std::string>& directories, const std::vector<std::string>& devices);

/// "vendor.com/class=name": the syntax of the CDI specification.
bool is_qualified_name(const std::string& device);

} // namespace gantry::containers::cdi
