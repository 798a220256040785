#include "entry_path.hpp"

#include <cstdio>
#include <string_view>
#include <vector>

#include <gantry/sdk/error.hpp>

namespace gantry::storage_overlay {

std::string layer_path(const std::string& name, const std::string& entry) {
  std::vector<std::string_view> parts;
  for (std::string_view rest = name; !rest.empty();) {
    const std::string_view part = rest.substr(0, rest.find('/'));
    rest.remove_prefix(part.size() + (part.size() < rest.size() ? 1 : 0));
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (parts.empty()) {
      throw Error(Code::invalid, "entry " + quoted(entry) + " leads out of the layer");
    } else {
      parts.pop_back();
    }
  }
  std::string path;
  for (const auto part : parts) path.append(path.empty() ? "" : "/").append(part);
  return path;
}

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

std::string last_name(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

std::string quoted(const std::string& name) {
  constexpr std::size_t longest = 200;
  std::string text = "'";
  for (const char c : name.substr(0, longest)) {
    const auto byte = static_cast<unsigned char>(c);
    char escape[5];
    std::snprintf(escape, sizeof escape, "\\x%02x", byte);
    text += byte < 0x20 || byte == 0x7f ? std::string(escape) : std::string(1, c);
  }
  return text + (name.size() > longest ? "…'" : "'");
}

} // namespace gantry::storage_overlay
