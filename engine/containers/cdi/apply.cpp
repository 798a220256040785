#include "containers/cdi/apply.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

#include "base/error.hpp"

namespace gantry::containers::cdi {
namespace {

constexpr std::string_view hook_names[] = {"prestart",       "createRuntime", "createContainer",
                                           "startContainer", "poststart",     "poststop"};

Error failed(const std::string& why) { return internal("CDI device injection failed: failed to inject devices: " + why); }

std::string text(const Json& object, const char* name) {
  const Json value = object.value(name, Json());
  if (value.is_null()) return "";
  if (!value.is_string()) throw failed(std::string(name) + ": expected a string, got " + value.dump());
  return value.get<std::string>();
}

const Json& list(const Json& object, const char* name) {
  static const Json none = Json::array();
  if (!object.contains(name) || object[name].is_null()) return none;
  if (!object[name].is_array()) throw failed(std::string(name) + ": expected a list, got " + object[name].dump());
  return object[name];
}

const Json& objects(const Json& edits, const char* name) {
  const Json& all = list(edits, name);
  for (const auto& one : all)
    if (!one.is_object()) throw failed(std::string(name) + ": expected objects, got " + one.dump());
  return all;
}

void set_variable(Json& env, const std::string& assignment) {
  const auto name = assignment.substr(0, assignment.find('=') + 1);
  if (name.size() < 2) throw failed("invalid environment variable \"" + assignment + "\"");
  for (auto& known : env) {
    if (!known.get<std::string>().starts_with(name)) continue;
    known = assignment;
    return;
  }
  env.push_back(assignment);
}

/// "0666" in YAML is a text here: Go's readers of CDI take it as octal.
std::uint32_t file_mode(const Json& node, std::uint32_t standard) {
  const Json mode = node.value("fileMode", Json());
  if (mode.is_number_unsigned()) return mode.get<std::uint32_t>() & 07777;
  if (mode.is_string()) return static_cast<std::uint32_t>(std::strtoul(mode.get<std::string>().c_str(), nullptr, 8)) & 07777;
  return standard;
}

/// What the spec leaves out is the host's.
Json complete_node(const Json& node, const std::string& path) {
  const std::string host = text(node, "hostPath").empty() ? path : text(node, "hostPath");
  std::string type = text(node, "type");
  const bool numbered = node.contains("major") && node.contains("minor") && node["major"].is_number_integer();
  struct stat info {};
  if (type.empty() || (type != "p" && !numbered)) {
    if (::stat(host.c_str(), &info) != 0) {
      const std::string why = errno == ENOENT ? "no such file or directory" : std::generic_category().message(errno);
      throw failed("failed to stat CDI host device \"" + host + "\": " + why);
    }
    type = S_ISBLK(info.st_mode) ? "b" : S_ISFIFO(info.st_mode) ? "p" : "c";
    if (!S_ISBLK(info.st_mode) && !S_ISCHR(info.st_mode) && !S_ISFIFO(info.st_mode))
      throw failed("failed to stat CDI host device \"" + host + "\": not a device node");
  }
  Json complete{{"path", path}, {"type", type}, {"fileMode", file_mode(node, info.st_mode ? info.st_mode & 07777 : 0666)}};
  complete["major"] = numbered ? node["major"] : Json(static_cast<std::int64_t>(major(info.st_rdev)));
  complete["minor"] = numbered ? node["minor"] : Json(static_cast<std::int64_t>(minor(info.st_rdev)));
  complete["uid"] = node.value("uid", Json(info.st_uid));
  complete["gid"] = node.value("gid", Json(info.st_gid));
  return complete;
}

void add_node(Json& linux, const Json& node) {
  const std::string path = text(node, "path");
  if (!path.starts_with('/')) throw failed("invalid device node path \"" + path + "\"");
  Json complete = complete_node(node, path);
  auto& devices = linux["devices"];
  std::erase_if(devices.get_ref<Json::array_t&>(), [&](const Json& known) { return known.value("path", "") == path; });
  if (complete["type"] != "p") {
    std::string access = text(node, "permissions");
    if (access.empty()) access = "rwm";
    if (access != "none") {
      linux["resources"]["devices"].push_back({{"allow", true},
                                               {"type", complete["type"]},
                                               {"major", complete["major"]},
                                               {"minor", complete["minor"]},
                                               {"access", access}});
    }
  }
  devices.push_back(std::move(complete));
}

void add_mount(Json& mounts, const Json& mount) {
  const std::string source = text(mount, "hostPath"), target = text(mount, "containerPath");
  if (source.empty() || !target.starts_with('/')) throw failed("invalid mount of \"" + source + "\" at \"" + target + "\"");
  Json options = list(mount, "options");
  std::string type = text(mount, "type");
  const auto binds = [](const Json& option) { return option == "bind" || option == "rbind"; };
  if (type.empty()) type = "bind";
  if (type == "bind" && std::none_of(options.begin(), options.end(), binds)) options.push_back("rbind");
  std::erase_if(mounts.get_ref<Json::array_t&>(), [&](const Json& known) { return known.value("destination", "") == target; });
  mounts.push_back({{"destination", target}, {"source", source}, {"type", type}, {"options", std::move(options)}});
}

void add_hook(Json& spec, const Json& hook) {
  const std::string name = text(hook, "hookName");
  if (std::find(std::begin(hook_names), std::end(hook_names), name) == std::end(hook_names))
    throw failed("invalid hook name \"" + name + "\"");
  Json entry{{"path", text(hook, "path")}};
  for (const char* key : {"args", "env", "timeout"})
    if (hook.contains(key) && !hook[key].is_null()) entry[key] = hook[key];
  spec["hooks"][name].push_back(std::move(entry));
}

} // namespace

void apply_edits(Json& spec, const Json& edits) {
  for (const auto& assignment : list(edits, "env")) {
    if (!assignment.is_string()) throw failed("invalid environment variable " + assignment.dump());
    set_variable(spec["process"]["env"], assignment.get<std::string>());
  }
  for (const auto& node : objects(edits, "deviceNodes")) add_node(spec["linux"], node);
  for (const auto& mount : objects(edits, "mounts")) add_mount(spec["mounts"], mount);
  for (const auto& hook : objects(edits, "hooks")) add_hook(spec, hook);
  for (const auto& gid : list(edits, "additionalGids")) {
    if (gid.is_number_unsigned() && gid != 0) spec["process"]["user"]["additionalGids"].push_back(gid);
  }
}

} // namespace gantry::containers::cdi
