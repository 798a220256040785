#include "protocol.hpp"

#include <algorithm>
#include <chrono>

#include <nlohmann/json.hpp>

#include "http.hpp"

namespace gantry::volume_docker {
namespace {

using Json = nlohmann::json;

/// Of the engine's 16 threads for what blocks.
constexpr int most_in_flight = 6;
constexpr std::chrono::seconds longest_queue{2};

std::string text(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// Counts a call for as long as it lasts.
class InFlight {
 public:
  InFlight(std::mutex& guard, std::condition_variable& ended, int& count, const std::string& plugin)
      : guard_(guard), ended_(ended), count_(count) {
    std::unique_lock lock(guard_);
    if (!ended_.wait_for(lock, longest_queue, [this] { return count_ < most_in_flight; }))
      throw Error(Code::unavailable,
                  "plugin \"" + plugin + "\" has not answered " + std::to_string(count_) + " earlier requests");
    ++count_;
  }
  ~InFlight() {
    const std::lock_guard lock(guard_);
    --count_;
    ended_.notify_all();
  }
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;

 private:
  std::mutex& guard_;
  std::condition_variable& ended_;
  int& count_;
};

std::string member(const Json& json, const char* key) {
  const auto found = json.is_object() ? json.find(key) : json.end();
  return json.is_object() && found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

/// The object in an answer, without an error in it.
Json checked(const Answer& answer) {
  // dump() recurses: what is nested deeply would end the engine's stack.
  const auto shallow = [](int depth, Json::parse_event_t, Json&) {
    if (depth > 64) throw Error(Code::unavailable, "the plugin's answer is nested too deeply");
    return true;
  };
  Json json = Json::parse(answer.body, shallow, false);
  const std::string error = member(json, "Err");
  if (!error.empty()) throw Refused(error);
  if (answer.status != 200) {
    const std::string why = json.is_discarded() ? answer.body.substr(0, 200) : "";
    throw Refused("the plugin answered with status " + std::to_string(answer.status) + (why.empty() ? "" : ": " + why));
  }
  if (json.is_discarded()) throw Error(Code::unavailable, "the plugin's answer is no JSON");
  return json;
}

VolumeSettings status_of(const Json& volume) {
  VolumeSettings status;
  const auto found = volume.find("Status");
  if (found == volume.end() || !found->is_object()) return status;
  for (const auto& item : found->items())
    status.emplace_back(item.key(), item.value().is_string() ? item.value().get<std::string>() : text(item.value()));
  return status;
}

} // namespace

std::string Protocol::only_plugin() const {
  const auto names = plugin_names(places_);
  if (names.size() == 1) return names[0];
  throw Error(Code::unavailable, names.empty() ? "there is no Docker volume plugin in " + places_.sockets
                                               : "there are several Docker volume plugins: say which one");
}

Address Protocol::address(const std::string& plugin) const {
  if (auto address = find_plugin(places_, plugin)) return std::move(*address);
  throw Error(Code::not_found, "error looking up volume plugin " + plugin + ": plugin \"" + plugin + "\" not found");
}

void Protocol::activate(Call& call, const std::string& plugin, const Address& address) {
  {
    const std::lock_guard lock(guard_);
    if (activated_.count(plugin) != 0) return;
  }
  const Json json = checked(post(call, address, "/Plugin.Activate", ""));
  const auto kinds = json.is_object() ? json.find("Implements") : json.end();
  const bool volumes = json.is_object() && kinds != json.end() && kinds->is_array() &&
                       std::find(kinds->begin(), kinds->end(), Json("VolumeDriver")) != kinds->end();
  if (!volumes) {
    throw Error(Code::not_found, "error looking up volume plugin " + plugin +
                                     ": plugin does not implement the requested interface \"VolumeDriver\"");
  }
  const std::lock_guard lock(guard_);
  activated_.insert(plugin);
}

std::string Protocol::ask(Call& call, const std::string& plugin, const std::string& method, const std::string& body) {
  const Address where = address(plugin);
  int* count = nullptr;
  {
    const std::lock_guard lock(guard_);
    count = &in_flight_[plugin];
  }
  const InFlight counted(guard_, ended_, *count, plugin);
  try {
    activate(call, plugin, where);
    return text(checked(post(call, where, "/VolumeDriver." + method, body)));
  } catch (const Refused& e) {
    throw Refused("VolumeDriver." + method + ": " + e.what());
  } catch (const Error& e) {
    const std::lock_guard lock(guard_);
    activated_.erase(plugin);
    if (e.code() == Code::not_found) throw;
    throw e.context("VolumeDriver." + method + ": plugin \"" + plugin + "\"");
  }
}

void Protocol::create(Call& call, const std::string& plugin, const std::string& volume, const VolumeSettings& options) {
  Json opts = Json::object();
  for (const auto& [key, value] : options) opts[key] = value;
  (void)ask(call, plugin, "Create", text({{"Name", volume}, {"Opts", opts}}));
}

void Protocol::remove(Call& call, const std::string& plugin, const std::string& volume) {
  (void)ask(call, plugin, "Remove", text({{"Name", volume}}));
}

std::string Protocol::mount(Call& call, const std::string& plugin, const std::string& volume, const std::string& id) {
  std::string place = member(Json::parse(ask(call, plugin, "Mount", text({{"Name", volume}, {"ID", id}}))), "Mountpoint");
  if (place.rfind('/', 0) == 0) return place;
  throw Error(Code::unavailable,
              "VolumeDriver.Mount: plugin \"" + plugin + "\" named no absolute mountpoint but '" + place + "'");
}

void Protocol::unmount(Call& call, const std::string& plugin, const std::string& volume, const std::string& id) {
  (void)ask(call, plugin, "Unmount", text({{"Name", volume}, {"ID", id}}));
}

Found Protocol::get(Call& call, const std::string& plugin, const std::string& volume) {
  const Json json = Json::parse(ask(call, plugin, "Get", text({{"Name", volume}})));
  const auto found = json.is_object() ? json.find("Volume") : json.end();
  if (!json.is_object() || found == json.end() || !found->is_object()) throw Refused("VolumeDriver.Get: no such volume");
  return {member(*found, "Mountpoint"), status_of(*found)};
}

bool Protocol::is_global(Call& call, const std::string& plugin) {
  try {
    const Json json = Json::parse(ask(call, plugin, "Capabilities", "{}"));
    const auto found = json.is_object() ? json.find("Capabilities") : json.end();
    return json.is_object() && found != json.end() && member(*found, "Scope") == "global";
  } catch (const Refused&) {
    return false;
  }
}

} // namespace gantry::volume_docker
