#include "containers/selinux/context.hpp"

namespace gantry::containers::selinux {

std::string Context::text() const { return user + ":" + role + ":" + type + (level.empty() ? "" : ":" + level); }

std::optional<Context> parse_context(const std::string& text) {
  Context context;
  std::string* const parts[] = {&context.user, &context.role, &context.type};
  std::size_t at = 0;
  for (std::string* part : parts) {
    const std::size_t colon = text.find(':', at);
    const bool last = part == &context.type;
    if (colon == std::string::npos && !last) return std::nullopt;
    *part = text.substr(at, colon - at);
    if (part->empty()) return std::nullopt;
    at = colon == std::string::npos ? text.size() : colon + 1;
  }
  context.level = text.substr(at); // has colons of its own
  return context;
}

} // namespace gantry::containers::selinux
