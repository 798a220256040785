#include "buildkit/services/usage_filter.hpp"

#include <stdexcept>
#include <string_view>

namespace gantry::buildkit {

bool passes(const std::string& filter, const std::string& id, const std::string& type) {
  if (filter.empty() || filter == "id") return true;
  const std::string_view text = filter;
  if (text.starts_with("type==")) return type == text.substr(6);
  if (text.starts_with("id==")) return id == text.substr(4);
  if (text.starts_with("id~=^")) return id.starts_with(text.substr(5));
  if (text.starts_with("id~=")) return id.find(text.substr(4)) != std::string::npos;
  if (text.starts_with("id=")) return id.starts_with(text.substr(3));
  throw std::runtime_error("unsupported filter " + filter.substr(0, 1024));
}

} // namespace gantry::buildkit
