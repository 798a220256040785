#include "plugins/manifest.hpp"

#include <gantry/abi/v1/core.h>
#include <gantry/abi/v1/log.h>
#include <gantry/abi/v1/network.h>
#include <gantry/abi/v1/runtime.h>
#include <gantry/abi/v1/storage.h>
#include <gantry/abi/v1/volume.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "base/file.hpp"
#include "plugins/schema.hpp"
#include "plugins/trusted_file.hpp"

namespace gantry::plugins {

namespace {

constexpr std::size_t max_manifest = 1 << 20;
constexpr std::string_view id_characters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
constexpr std::string_view name_characters = "abcdefghijklmnopqrstuvwxyz0123456789-";

std::string word(const Json& object, const char* member, std::string_view characters) {
  if (!object.contains(member)) throw invalid("'" + std::string(member) + "' is missing");
  const Json& value = object[member];
  if (!value.is_string()) throw invalid("'" + std::string(member) + "' must be a string, not " + value.type_name());
  auto text = value.get<std::string>();
  if (text.empty() || text.size() > 128 || text.find_first_not_of(characters) != std::string::npos)
    throw invalid("'" + std::string(member) + "' must be 1 to 128 of the characters " + std::string(characters));
  return text;
}

std::string free_text(const Json& object, const char* member) {
  const auto found = object.find(member);
  if (found == object.end()) return "";
  if (!found->is_string()) throw invalid("'" + std::string(member) + "' must be a string, not " + found->type_name());
  return found->get<std::string>();
}

std::vector<std::string> words(const Json& object, const char* member) {
  std::vector<std::string> result;
  const auto found = object.find(member);
  if (found == object.end()) return result;
  const bool strings =
      found->is_array() && std::all_of(found->begin(), found->end(), [](const Json& v) { return v.is_string(); });
  if (!strings) throw invalid("'" + std::string(member) + "' must be a list of strings");
  for (const auto& item : *found) result.push_back(item.get<std::string>());
  return result;
}

AbiVersion parse_abi(const std::string& text) {
  AbiVersion version;
  const char* end = text.data() + text.size();
  const auto major = std::from_chars(text.data(), end, version.major);
  if (major.ec == std::errc() && major.ptr != end && *major.ptr == '.') {
    const auto minor = std::from_chars(major.ptr + 1, end, version.minor);
    if (minor.ec == std::errc() && minor.ptr == end) return version;
  }
  throw invalid("'abi.requires' must be MAJOR.MINOR, not '" + text + "'");
}

AbiVersion required_abi(const Json& manifest) {
  const auto abi = manifest.find("abi");
  if (abi == manifest.end() || !abi->is_object()) throw invalid("'abi' must be an object {\"built\", \"requires\"}");
  return parse_abi(free_text(*abi, "requires"));
}

std::vector<ManifestDriver> parse_drivers(const Json& manifest) {
  const auto found = manifest.find("drivers");
  if (found == manifest.end() || !found->is_array() || found->empty())
    throw invalid("'drivers' must be a list of at least one driver");
  std::vector<ManifestDriver> drivers;
  for (const auto& item : *found) {
    if (!item.is_object()) throw invalid("'drivers' holds a " + std::string(item.type_name()) + ", only objects are allowed");
    ManifestDriver driver{word(item, "name", name_characters), free_text(item, "interface")};
    if (driver.interface.empty()) throw invalid("driver '" + driver.name + "' has no 'interface'");
    drivers.push_back(std::move(driver));
  }
  return drivers;
}

} // namespace

std::string to_string(AbiVersion v) { return std::to_string(v.major) + "." + std::to_string(v.minor); }

AbiVersion engine_abi() { return {GANTRY_ABI_MAJOR, GANTRY_ABI_MINOR}; }

std::string ManifestDriver::kind() const {
  static constexpr std::pair<std::string_view, const char*> known[] = {
      {GANTRY_RUNTIME_INTERFACE, "runtime"}, {GANTRY_STORAGE_INTERFACE, "storage"}, {GANTRY_NETWORK_INTERFACE, "network"},
      {GANTRY_VOLUME_INTERFACE, "volume"},   {GANTRY_LOG_INTERFACE, "log"},
  };
  for (const auto& [id, kind] : known) {
    if (id == interface) return kind;
  }
  return "";
}

std::vector<std::string> Manifest::kinds() const {
  std::vector<std::string> result;
  for (const auto& driver : drivers) {
    auto kind = driver.kind();
    if (!kind.empty() && std::find(result.begin(), result.end(), kind) == result.end()) result.push_back(std::move(kind));
  }
  return result;
}

Manifest parse_manifest(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) throw invalid("it is not JSON");
  if (!json.is_object()) throw invalid("it must be a JSON object, not " + std::string(json.type_name()));
  Manifest manifest;
  manifest.id = word(json, "id", id_characters);
  manifest.version = word(json, "version", id_characters);
  manifest.vendor = free_text(json, "vendor");
  manifest.description = free_text(json, "description");
  manifest.requires_abi = required_abi(json);
  manifest.drivers = parse_drivers(json);
  manifest.isolation = words(json, "isolation");
  manifest.capabilities = words(json, "capabilities");
  if (json.contains("config_schema")) {
    manifest.config_schema = json["config_schema"];
    check_schema(manifest.config_schema, "config_schema");
  }
  return manifest;
}

Manifest read_manifest(const std::string& path) {
  try {
    check_trusted_file(path);
    return parse_manifest(read_file(path, max_manifest));
  } catch (const Error& e) {
    if (std::string_view(e.what()).find(path) != std::string_view::npos) throw;
    throw e.context("manifest " + path);
  }
}

} // namespace gantry::plugins
