#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace gantry::plugins {

struct AbiVersion {
  std::uint32_t major = 0, minor = 0;
  bool operator==(const AbiVersion&) const = default;
};
std::string to_string(AbiVersion);
/// What this engine was built with.
AbiVersion engine_abi();

struct ManifestDriver {
  std::string name;
  std::string interface; ///< "gantry.storage/1"
  /// "storage"; empty when this engine does not know the interface.
  std::string kind() const;
};

/// What <name>.json beside <name>.so says, read before any code of the plugin runs.
struct Manifest {
  std::string id, version, vendor, description;
  AbiVersion requires_abi;
  std::vector<ManifestDriver> drivers;
  Json config_schema = Json::object();
  std::vector<std::string> isolation;
  std::vector<std::string> capabilities;
  /// Kinds of the drivers, without repetition.
  std::vector<std::string> kinds() const;
};

/// invalid, naming the member and what is allowed. Members that it does not know are left to later engines.
Manifest parse_manifest(const std::string& text);
/// Checks the file (see trusted_file.hpp) and parses it; every error names the path.
Manifest read_manifest(const std::string& path);

} // namespace gantry::plugins
