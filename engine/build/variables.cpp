#include "build/variables.hpp"

#include <array>

#include "registry/platform.hpp"

namespace gantry::build {

bool is_predefined(const std::string& name) {
  static const std::set<std::string> names = {"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "FTP_PROXY",
                                              "ftp_proxy",  "NO_PROXY",   "no_proxy",    "ALL_PROXY",   "all_proxy"};
  return names.contains(name);
}

bool is_for_the_builder(const std::string& name) { return name == "SOURCE_DATE_EPOCH" || name.starts_with("BUILDKIT_"); }

std::optional<std::string> env_value(const std::vector<std::string>& env, const std::string& name) {
  for (const auto& entry : env)
    if (entry.size() > name.size() && entry[name.size()] == '=' && entry.starts_with(name)) return entry.substr(name.size() + 1);
  return {};
}

Variables::Variables(Args passed, const std::string& target) : passed_(std::move(passed)) {
  for (const auto& [side, text] : {std::pair<std::string, std::string>("TARGET", target), {"BUILD", ""}}) {
    const auto platform = registry::parse_platform(text);
    global_[side + "PLATFORM"] = platform.text();
    global_[side + "OS"] = platform.os;
    global_[side + "ARCH"] = platform.architecture;
    global_[side + "VARIANT"] = platform.variant;
  }
}

void Variables::declare_global(const std::string& name, std::optional<std::string> value) {
  mentioned_.insert(name);
  global_[name] = std::move(value);
}

void Variables::declare(const std::string& name, std::optional<std::string> value) {
  mentioned_.insert(name);
  declared_[name] = std::move(value);
}

void Variables::begin_stage(Args inherited) { declared_ = std::move(inherited); }

std::optional<std::string> Variables::global(const std::string& name) const {
  const auto at = global_.find(name);
  if (at == global_.end()) return {};
  const auto passed = passed_.find(name);
  return passed != passed_.end() && passed->second ? passed->second : at->second;
}

std::optional<std::string> Variables::argument(const std::string& name) const {
  const auto passed = passed_.find(name);
  if (passed != passed_.end() && passed->second) return passed->second;
  const auto at = declared_.find(name);
  if (at != declared_.end() && at->second) return at->second;
  return global(name);
}

std::optional<std::string> Variables::value(const std::string& name, const std::vector<std::string>& env) const {
  if (auto found = env_value(env, name)) return found;
  if (!declared_.contains(name) && !(is_predefined(name) && passed_.contains(name))) return {};
  return argument(name);
}

std::vector<std::string> Variables::for_run(const std::vector<std::string>& env, bool for_key) const {
  std::map<std::string, std::string> all;
  for (const auto& [name, ignored] : declared_)
    if (auto value = argument(name)) all[name] = *value;
  for (const auto& [name, value] : passed_)
    if (!for_key && value && is_predefined(name)) all[name] = *value;
  std::vector<std::string> lines;
  for (const auto& [name, value] : all)
    if (!env_value(env, name)) lines.push_back(name + "=" + value);
  return lines;
}

std::optional<std::string> Variables::passed(const std::string& name) const {
  const auto at = passed_.find(name);
  return at == passed_.end() ? std::nullopt : at->second;
}

std::vector<std::string> Variables::unused() const {
  std::vector<std::string> names;
  for (const auto& [name, value] : passed_)
    if (!mentioned_.contains(name) && !is_predefined(name) && !is_for_the_builder(name)) names.push_back(name);
  return names;
}

} // namespace gantry::build
