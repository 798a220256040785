#pragma once

#include <functional>
#include <string>
#include <vector>

#include "config/config.hpp"

namespace gantry::config {

/// Shape of a setting's value in the file. `any` is for settings of dockerd that are only looked at to be warned about.
enum class Kind { boolean, number, text, list, map, ulimits, any };

/// Values as text, whether they come from a flag or from the file: a map's entries are "key=value".
using Values = std::vector<std::string>;

/// One setting. `key` is its name in the file, `flag` its names on the command line in CLI11's notation; either may be
/// empty. `apply` throws invalid with what is allowed.
struct Option {
  std::string key, flag;
  Kind kind;
  std::string help;
  std::function<void(Config&, const Values&)> apply;
};

/// Settings that take effect.
const std::vector<Option>& options();
/// dockerd's other settings: accepted, warned about when their value asks for something that does not happen, refused when
/// ignoring them would open the daemon to the network or let somebody in.
const std::vector<Option>& foreign_options();

} // namespace gantry::config
