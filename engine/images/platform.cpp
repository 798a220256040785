#include "images/platform.hpp"

#include <cctype>
#include <map>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "images/document.hpp"
#include "images/image_config.hpp"

namespace gantry::images {
namespace {

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts(1);
  for (char c : text) {
    if (c == '/')
      parts.emplace_back();
    else
      parts.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return parts;
}

void normalise(Platform& platform) {
  static const std::map<std::string, std::pair<std::string, std::string>> names = {
      {"x86_64", {"amd64", ""}}, {"x86-64", {"amd64", ""}}, {"i386", {"386", ""}},     {"aarch64", {"arm64", ""}},
      {"armhf", {"arm", "v7"}},  {"armel", {"arm", "v6"}},  {"riscv", {"riscv64", ""}}};
  if (platform.os == "macos") platform.os = "darwin";
  if (auto at = names.find(platform.architecture); at != names.end()) {
    platform.architecture = at->second.first;
    if (platform.variant.empty()) platform.variant = at->second.second;
  }
  if (!platform.variant.empty() && std::isdigit(static_cast<unsigned char>(platform.variant[0]))) platform.variant.insert(0, "v");
  if (platform.architecture == "arm64" && platform.variant == "v8") platform.variant.clear();
  if (platform.architecture == "amd64" && platform.variant == "v1") platform.variant.clear();
  if (platform.architecture == "arm" && platform.variant.empty()) platform.variant = "v7";
}

bool is_component(const std::string& part) {
  return !part.empty() && part.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.-") == part.npos;
}

bool is_os(const std::string& text) {
  return text == "linux" || text == "windows" || text == "darwin" || text == "macos" || text == "freebsd";
}

Platform from_json(const std::string& text) {
  const std::string what = "invalid platform";
  const Json json = parse_document(text, what);
  if (!json.is_object()) throw invalid(what + ": an object is needed");
  Platform platform{string_member(json, "os", what), string_member(json, "architecture", what),
                    string_member(json, "variant", what)};
  if (platform.os.empty() || platform.architecture.empty()) throw invalid(what + ": os and architecture are needed");
  return platform;
}

/// "v8" as 8; no variant is the oldest.
int number_of(const std::string& variant) {
  return variant.size() > 1 && std::isdigit(static_cast<unsigned char>(variant[1])) ? std::atoi(variant.c_str() + 1) : 0;
}

} // namespace

Platform parse_platform(const std::string& text) {
  Platform platform{"linux", host_architecture(), ""};
  if (text.empty()) return platform;
  if (text.starts_with('{')) {
    platform = from_json(text);
    normalise(platform);
    return platform;
  }
  const auto parts = split(text);
  for (const auto& part : parts)
    if (!is_component(part))
      throw invalid("\"" + part + "\" is an invalid component of \"" + text +
                    "\": platform specifier component must match \"^[A-Za-z0-9_.-]+$\": invalid argument");
  if (parts.size() > 3) throw invalid("\"" + text + "\": cannot parse platform specifier: invalid argument");
  if (parts.size() == 1 && !is_os(parts[0])) {
    platform.architecture = parts[0];
  } else {
    platform.os = parts[0];
    if (parts.size() > 1) platform.architecture = parts[1];
    if (parts.size() > 2) platform.variant = parts[2];
  }
  normalise(platform);
  return platform;
}

Platform platform_of(const Json& config) {
  const auto text = [&](const char* key) {
    const auto at = config.find(key);
    return at != config.end() && at->is_string() ? at->get<std::string>() : std::string();
  };
  Platform platform{text("os"), text("architecture"), text("variant")};
  normalise(platform);
  return platform;
}

bool runs_on(const Platform& offered_as, const Platform& wanted) {
  Platform offered = offered_as;
  normalise(offered);
  return offered.os == wanted.os && offered.architecture == wanted.architecture &&
         (number_of(offered.variant) <= number_of(wanted.variant) || offered.variant == wanted.variant);
}

bool is_better(const Platform& offered, const Platform& than) { return number_of(offered.variant) > number_of(than.variant); }

} // namespace gantry::images
