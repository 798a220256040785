// --mount type=…,source=…,target=…
#include <stdexcept>

#include "cli/args/numbers.hpp"
#include "cli/commands/container/flag_values.hpp"

namespace gantry::cli {
namespace {

using Wrong = std::invalid_argument;

bool flag(const std::string& key, const std::optional<std::string>& value) {
  if (!value) return true;
  try {
    return parse_bool(*value);
  } catch (const Wrong&) {
    throw Wrong("invalid value for " + key + ": " + *value);
  }
}

std::int64_t octal(const std::string& text) {
  std::size_t used = 0;
  try {
    const auto mode = std::stoull(text, &used, 8);
    if (used == text.size()) return static_cast<std::int64_t>(mode);
  } catch (const std::exception&) {
  }
  throw Wrong("invalid value for tmpfs-mode: " + text);
}

void set_pair(Json& map, const std::string& text) {
  const auto [key, value] = cut(text, '=');
  map[key] = value.value_or("");
}

/// Fields that say nothing when they stand alone. True when `key` was one.
bool set_switch(Json& mount, const std::string& key, const std::optional<std::string>& value) {
  if (key == "readonly" || key == "ro") {
    mount["ReadOnly"] = flag(key, value);
  } else if (key == "volume-nocopy") {
    mount["VolumeOptions"]["NoCopy"] = flag(key, value);
  } else if (key == "bind-nonrecursive") {
    mount["BindOptions"]["NonRecursive"] = flag(key, value);
  } else {
    return false;
  }
  return true;
}

void set_recursion(Json& mount, const std::string& key, const std::string& value) {
  if (value == "enabled") return;
  if (value == "disabled") {
    mount["BindOptions"]["NonRecursive"] = true;
  } else if (value == "writable") {
    mount["BindOptions"]["ReadOnlyNonRecursive"] = true;
  } else if (value == "readonly") {
    mount["BindOptions"]["ReadOnlyForceRecursive"] = true;
  } else {
    throw Wrong("invalid value for " + key + ": " + value +
                " (must be \"enabled\", \"disabled\", \"writable\", or \"readonly\")");
  }
}

void set_value(Json& mount, const std::string& key, const std::string& value, const std::string& field) {
  if (key == "type") {
    mount["Type"] = value;
  } else if (key == "source" || key == "src") {
    mount["Source"] = value;
  } else if (key == "target" || key == "dst" || key == "destination") {
    mount["Target"] = value;
  } else if (key == "consistency") {
    mount["Consistency"] = value;
  } else if (key == "bind-propagation") {
    mount["BindOptions"]["Propagation"] = value;
  } else if (key == "bind-recursive") {
    set_recursion(mount, key, value);
  } else if (key == "volume-subpath") {
    mount["VolumeOptions"]["Subpath"] = value;
  } else if (key == "volume-driver") {
    mount["VolumeOptions"]["DriverConfig"]["Name"] = value;
  } else if (key == "volume-opt") {
    set_pair(mount["VolumeOptions"]["DriverConfig"]["Options"], value);
  } else if (key == "volume-label") {
    set_pair(mount["VolumeOptions"]["Labels"], value);
  } else if (key == "image-subpath") {
    mount["ImageOptions"]["Subpath"] = value;
  } else if (key == "tmpfs-size") {
    mount["TmpfsOptions"]["SizeBytes"] = parse_bytes(value);
  } else if (key == "tmpfs-mode") {
    mount["TmpfsOptions"]["Mode"] = octal(value);
  } else {
    throw Wrong("unexpected key '" + key + "' in '" + field + "'");
  }
}

void check_kind(const Json& mount) {
  const std::string type = mount["Type"];
  const auto refuse = [&](const char* key, const char* name, const char* kind) {
    if (mount.contains(key) && type != kind)
      throw Wrong(std::string("cannot mix '") + name + "-*' options with mount type '" + type + "'");
  };
  if (type.empty()) throw Wrong("type is required");
  refuse("VolumeOptions", "volume", "volume");
  refuse("ImageOptions", "image", "image");
  refuse("BindOptions", "bind", "bind");
  refuse("TmpfsOptions", "tmpfs", "tmpfs");
  if (!mount.contains("Target")) throw Wrong("target is required");
}

} // namespace

Json parse_mount(const std::string& text) {
  if (text.empty()) throw Wrong("value is empty");
  Json mount = {{"Type", "volume"}};
  for (const std::string& field : split_csv(text)) {
    auto [key, value] = cut(field, '=');
    if (set_switch(mount, key, value)) continue;
    if (!value) throw Wrong("invalid field '" + field + "' must be a key=value pair");
    set_value(mount, key, *value, field);
  }
  check_kind(mount);
  return mount;
}

} // namespace gantry::cli
