#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::registry {

/// One challenge of a WWW-Authenticate header (RFC 9110, 11.6.1).
struct Challenge {
  std::string scheme;                            ///< in lower case
  std::map<std::string, std::string> parameters; ///< names in lower case

  std::string parameter(const std::string& name) const {
    auto at = parameters.find(name);
    return at == parameters.end() ? std::string() : at->second;
  }
};

/// All challenges of one header; what cannot be parsed ends the list.
std::vector<Challenge> parse_challenges(std::string_view header);

} // namespace gantry::registry
