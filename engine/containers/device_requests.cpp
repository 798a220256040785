#include "containers/device_requests.hpp"

#include "base/error.hpp"

namespace gantry::containers {
namespace {

using Strings = std::vector<std::string>;

Strings read_strings(const Json& value, const std::string& where) {
  if (value.is_null()) return {};
  Strings list;
  if (!value.is_array()) throw invalid(where + ": expected a list of strings, got " + value.dump());
  for (const auto& item : value) {
    if (!item.is_string()) throw invalid(where + ": expected a list of strings, got " + value.dump());
    list.push_back(item.get<std::string>());
  }
  return list;
}

DeviceRequest read_request(const Json& json) {
  const std::string where = "HostConfig.DeviceRequests";
  if (!json.is_object()) throw invalid(where + ": expected a list of objects");
  DeviceRequest request;
  if (const Json driver = json.value("Driver", Json()); driver.is_string())
    request.driver = driver.get<std::string>();
  else if (!driver.is_null())
    throw invalid(where + ".Driver: expected a string, got " + driver.dump());
  const Json count = json.value("Count", Json(0));
  if (!count.is_number_integer() && !count.is_null())
    throw invalid(where + ".Count: expected a whole number, got " + count.dump());
  request.ids = read_strings(json.value("DeviceIDs", Json()), where + ".DeviceIDs");
  if (!request.ids.empty() && count.is_number_integer() && count != 0)
    throw invalid("cannot set both Count and DeviceIDs on device request");
  const Json capabilities = json.value("Capabilities", Json());
  if (!capabilities.is_array() && !capabilities.is_null())
    throw invalid(where + ".Capabilities: expected a list of lists of strings, got " + capabilities.dump());
  for (const auto& set : capabilities) request.capabilities.push_back(read_strings(set, where + ".Capabilities"));
  return request;
}

std::string listed(const Strings& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return "[" + text + "]";
}

/// As Go prints a list of lists.
std::string listed(const std::vector<Strings>& sets) {
  Strings texts;
  for (const auto& set : sets) texts.push_back(listed(set));
  return listed(texts);
}

} // namespace

std::vector<DeviceRequest> parse_device_requests(const Json& requests) {
  std::vector<DeviceRequest> parsed;
  if (requests.is_null()) return parsed;
  if (!requests.is_array()) throw invalid("HostConfig.DeviceRequests: expected a list of objects");
  for (const auto& request : requests) parsed.push_back(read_request(request));
  return parsed;
}

std::vector<std::string> requested_cdi_devices(const Json& requests, bool cdi_enabled) {
  Strings devices;
  for (const auto& request : parse_device_requests(requests)) {
    if (request.driver != "cdi" || !cdi_enabled) {
      throw internal("could not select device driver \"" + request.driver +
                     "\" with capabilities: " + listed(request.capabilities));
    }
    devices.insert(devices.end(), request.ids.begin(), request.ids.end());
  }
  return devices;
}

} // namespace gantry::containers
