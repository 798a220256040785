#include "containers/cdi/device.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>

#include "base/error.hpp"
#include "base/log.hpp"
#include "config/document.hpp"

namespace gantry::containers::cdi {
namespace {

namespace fs = std::filesystem;

/// One device of one file. `ambiguous`: another file of the same directory has it too.
struct Device {
  Json edits, common_edits;
  std::string file;
  std::size_t directory = 0;
  bool ambiguous = false;
};
using Devices = std::map<std::string, Device>;

bool is_alnum(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }
bool is_alpha(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }

bool is_word(const std::string& text, std::string_view inner, bool (*first)(char)) {
  if (text.empty() || !first(text.front()) || !is_alnum(text.back())) return false;
  return std::all_of(text.begin(), text.end(), [&](char c) { return is_alnum(c) || inner.find(c) != std::string_view::npos; });
}

bool is_kind(const std::string& kind) {
  const auto slash = kind.find('/');
  return slash != std::string::npos && is_word(kind.substr(0, slash), "_-.", is_alpha) &&
         is_word(kind.substr(slash + 1), "_-", is_alpha);
}

bool is_device_name(const std::string& name) { return is_word(name, "_-.:", is_alnum); }

const Json& member(const Json& object, const char* name, Json::value_t type) {
  static const Json absent;
  if (!object.is_object() || !object.contains(name)) return absent;
  if (object[name].type() != type) throw invalid(std::string("\"") + name + "\" has a wrong type: " + object[name].dump());
  return object[name];
}

std::string text_of(const Json& object, const char* name) {
  const Json& value = member(object, name, Json::value_t::string);
  return value.is_null() ? "" : value.get<std::string>();
}

void add_devices(Devices& all, const Json& spec, const std::string& file, std::size_t directory) {
  const std::string kind = text_of(spec, "kind");
  if (text_of(spec, "cdiVersion").empty()) throw invalid("cdiVersion is missing");
  if (!is_kind(kind)) throw invalid("\"" + kind + "\" is no kind: vendor.com/class is needed");
  const Json& devices = member(spec, "devices", Json::value_t::array);
  if (devices.empty()) throw invalid("it has no devices");
  for (const auto& entry : devices) {
    const std::string name = text_of(entry, "name");
    if (!is_device_name(name)) throw invalid("\"" + name + "\" is no name of a device");
    Device device;
    device.edits = member(entry, "containerEdits", Json::value_t::object);
    device.common_edits = member(spec, "containerEdits", Json::value_t::object);
    device.file = file;
    device.directory = directory;
    const auto [known, fresh] = all.try_emplace(kind + "=" + name, device);
    if (fresh) continue;
    if (known->second.directory == directory)
      known->second.ambiguous = true;
    else
      known->second = std::move(device);
  }
}

std::vector<std::string> spec_files(const std::string& directory) {
  std::vector<std::string> files;
  std::error_code ignored; // a directory that does not exist has no specs
  for (const auto& entry : fs::directory_iterator(directory, ignored)) {
    const std::string extension = entry.path().extension();
    if (extension == ".json" || extension == ".yaml" || extension == ".yml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

Devices scan(const std::vector<std::string>& directories) {
  Devices all;
  for (std::size_t i = 0; i < directories.size(); ++i) {
    for (const auto& file : spec_files(directories[i])) {
      try {
        Devices devices = all;
        add_devices(devices, config::read_document(file), file, i);
        all = std::move(devices);
      } catch (const Error& e) {
        log::warn("CDI spec " + file + " is not used: " + e.what());
      }
    }
  }
  return all;
}

} // namespace

bool is_qualified_name(const std::string& device) {
  const auto equals = device.find('=');
  return equals != std::string::npos && is_kind(device.substr(0, equals)) && is_device_name(device.substr(equals + 1));
}

std::vector<Json> find_edits(const std::vector<std::string>& directories, const std::vector<std::string>& devices) {
  if (devices.empty()) return {};
  const Devices known = scan(directories);
  std::vector<Json> edits;
  std::vector<std::string> files;
  std::string missing;
  for (const auto& name : devices) {
    const auto found = known.find(name);
    if (found == known.end() || found->second.ambiguous) {
      missing += (missing.empty() ? "" : ", ") + name;
      continue;
    }
    const Device& device = found->second;
    if (std::find(files.begin(), files.end(), device.file) == files.end()) {
      files.push_back(device.file);
      if (!device.common_edits.is_null()) edits.push_back(device.common_edits);
    }
    if (!device.edits.is_null()) edits.push_back(device.edits);
  }
  if (!missing.empty()) throw internal("CDI device injection failed: unresolvable CDI devices " + missing);
  return edits;
}

} // namespace gantry::containers::cdi
