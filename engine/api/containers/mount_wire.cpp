#include "api/containers/mount_wire.hpp"

#include <sstream>

namespace gantry::api {

namespace {

struct Bind {
  std::string source, target, mode;
};

/// "source:target[:mode]"; create has refused everything else.
Bind split_bind(const std::string& text) {
  const auto first = text.find(':');
  if (first == std::string::npos) return {"", text, ""};
  const auto second = text.find(':', first + 1);
  Bind bind{text.substr(0, first), text.substr(first + 1, second - first - 1), ""};
  if (second != std::string::npos) bind.mode = text.substr(second + 1);
  return bind;
}

bool has_option(const std::string& mode, const std::string& wanted) {
  std::istringstream options(mode);
  for (std::string option; std::getline(options, option, ',');)
    if (option == wanted) return true;
  return false;
}

std::string propagation_of(const std::string& mode) {
  for (const auto* name : {"rprivate", "private", "rshared", "shared", "rslave", "slave"})
    if (has_option(mode, name)) return name;
  return "rprivate";
}

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

Json mount_json(const Json& mount) {
  const auto read_only = mount.find("ReadOnly");
  Json point;
  point["Type"] = text_of(mount, "Type");
  point["Source"] = text_of(mount, "Source");
  point["Destination"] = text_of(mount, "Target");
  point["Mode"] = "";
  point["RW"] = !(read_only != mount.end() && read_only->is_boolean() && read_only->get<bool>());
  const auto options = mount.find("BindOptions");
  const auto propagation = options != mount.end() && options->is_object() ? text_of(*options, "Propagation") : "";
  point["Propagation"] = propagation.empty() && point["Type"] == "bind" ? "rprivate" : propagation;
  return point;
}

} // namespace

Json mount_points(const gantry::containers::HostConfig& host) {
  Json points = Json::array();
  for (const auto& text : host.binds) {
    const auto bind = split_bind(text);
    Json point;
    point["Type"] = "bind";
    point["Source"] = bind.source;
    point["Destination"] = bind.target;
    point["Mode"] = bind.mode;
    point["RW"] = !has_option(bind.mode, "ro");
    point["Propagation"] = propagation_of(bind.mode);
    points.push_back(std::move(point));
  }
  if (host.mounts.is_array())
    for (const auto& mount : host.mounts) points.push_back(mount_json(mount));
  return points;
}

} // namespace gantry::api
