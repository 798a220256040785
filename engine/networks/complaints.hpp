#pragma once

#include <string>
#include <vector>

namespace gantry::networks {

/// Everything that is wrong with a request in one text, as Docker's clients know it: "TITLE:\nwhat", or a list with "* ".
/// Precondition: there is something.
inline std::string complaint(const std::string& title, const std::vector<std::string>& what) {
  std::string text = title + ":";
  for (const auto& one : what) text += (what.size() == 1 ? "\n" : "\n* ") + one;
  return text;
}

} // namespace gantry::networks
