#pragma once

#include <optional>
#include <string>

namespace gantry::containers::selinux {

/// "user:role:type[:level]"; a policy without MLS has no levels.
struct Context {
  std::string user, role, type, level;

  std::string text() const;
};

/// Absent when it has fewer than three parts, or an empty one.
std::optional<Context> parse_context(const std::string& text);

} // namespace gantry::containers::selinux
