#pragma once

#include <string>

namespace gantry::daemon {

/// Where the files shipped with this executable are: the build tree and every prefix look the same.
struct InstallTree {
  std::string plugins; ///< <prefix>/lib/gantry/plugins
  std::string libexec; ///< <prefix>/libexec/gantry
  std::string share;   ///< <prefix>/share/gantry
};

/// Found from /proc/self/exe (<prefix>/bin/gantryd).
InstallTree find_install_tree();

} // namespace gantry::daemon
