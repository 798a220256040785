#pragma once

#include <optional>
#include <string>
#include <vector>

// Where Docker's plugins are found: NAME.sock, NAME/NAME.sock in the directory of sockets; NAME.spec and NAME.json in the others.
namespace gantry::volume_docker {

/// Directories, in the order in which they are searched.
struct Places {
  std::string sockets;
  std::vector<std::string> specs;
};

/// Where a plugin listens.
struct Address {
  std::string path;       ///< of a unix socket; empty: TCP
  std::string host, port; ///< of TCP
};

/// Absent when there is no plugin of that name. invalid for a file that says nothing usable.
std::optional<Address> find_plugin(const Places& places, const std::string& name);
/// Names of all that can be found, sorted.
std::vector<std::string> plugin_names(const Places& places);

} // namespace gantry::volume_docker
