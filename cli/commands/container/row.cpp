#include "cli/commands/container/row.hpp"

#include <algorithm>
#include <map>

#include "cli/format/units.hpp"

namespace gantry::cli {
namespace {

std::string names_text(const Json& container, bool shorten) {
  std::string out;
  for (const Json& one : container.value("Names", Json::array())) {
    const std::string name = one.get<std::string>().substr(1);
    // The other names are those that links give it.
    if (shorten && name.find('/') != std::string::npos) continue;
    out += (out.empty() ? "" : ",") + name;
  }
  return out;
}

std::string image_text(const Json& container, bool shorten) {
  std::string image = container.value("Image", "");
  if (image.empty()) return "<no image>";
  if (shorten && image == container.value("ImageID", ""))
    image = image.starts_with("sha256:") ? image.substr(7, 12) : image.substr(0, 12);
  return image;
}

std::string size_text(const Json& container) {
  const std::string own = human_size(container.value("SizeRw", 0.0), 3);
  const double whole = container.value("SizeRootFs", 0.0);
  return whole > 0 ? own + " (virtual " + human_size(whole, 3) + ")" : own;
}

std::string pairs_text(const Json& map) {
  if (!map.is_object()) return "";
  std::vector<std::string> pairs;
  for (const auto& [key, value] : map.items()) pairs.push_back(key + "=" + value.get<std::string>());
  std::sort(pairs.begin(), pairs.end());
  std::string out;
  for (const std::string& pair : pairs) out += (out.empty() ? "" : ",") + pair;
  return out;
}

void add_mounts(const Json& container, bool shorten, Json& row) {
  std::string out;
  int local = 0;
  for (const Json& mount : container.value("Mounts", Json::array())) {
    const std::string name = mount.value("Name", "");
    const std::string shown = name.empty() ? mount.value("Source", "") : name;
    out += (out.empty() ? "" : ",") + (shorten ? ellipsis(shown, 15) : shown);
    local += mount.value("Driver", "") == "local" ? 1 : 0;
  }
  row["LocalVolumes"] = std::to_string(local);
  row["Mounts"] = out;
}

std::string networks_text(const Json& container) {
  std::vector<std::string> names;
  const Json networks = container.value("NetworkSettings", Json::object()).value("Networks", Json::object());
  for (const auto& [name, endpoint] : networks.items()) names.push_back(name);
  std::sort(names.begin(), names.end());
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ",") + name;
  return out;
}

/// Ports with the same address and protocol that follow each other.
struct Run {
  std::string ip, protocol;
  unsigned inside, outside, count;
};

std::string run_text(const Run& run) {
  const auto span = [&run](unsigned first) {
    return std::to_string(first) + (run.count > 1 ? "-" + std::to_string(first + run.count - 1) : "");
  };
  std::string out;
  if (run.outside != 0) {
    if (!run.ip.empty()) out = (run.ip.find(':') != std::string::npos ? "[" + run.ip + "]" : run.ip) + ":";
    out += span(run.outside) + "->";
  }
  return out + span(run.inside) + "/" + run.protocol;
}

} // namespace

std::string ellipsis(const std::string& text, std::size_t length) {
  if (text.size() <= length) return text;
  std::size_t end = 0, characters = 0;
  while (end < text.size() && characters + 1 < length) {
    ++end;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
    ++characters;
  }
  return text.substr(0, end) + "…";
}

std::string ports_text(const Json& ports) {
  std::vector<Run> all;
  for (const Json& port : ports)
    all.push_back({port.value("IP", ""), port.value("Type", ""), port.value("PrivatePort", 0U), port.value("PublicPort", 0U), 1});
  std::sort(all.begin(), all.end(), [](const Run& a, const Run& b) {
    return std::tie(a.inside, a.ip, a.outside, a.protocol) < std::tie(b.inside, b.ip, b.outside, b.protocol);
  });
  std::vector<Run> runs;
  for (const Run& port : all) {
    const auto before = std::find_if(runs.begin(), runs.end(), [&port](const Run& r) {
      return r.ip == port.ip && r.protocol == port.protocol && r.inside + r.count == port.inside &&
             (r.outside == 0 ? port.outside == 0 : r.outside + r.count == port.outside && r.inside == r.outside);
    });
    if (before == runs.end())
      runs.push_back(port);
    else
      ++before->count;
  }
  std::string out;
  for (const Run& run : runs) out += (out.empty() ? "" : ", ") + run_text(run);
  return out;
}

std::vector<std::pair<std::string, std::string>> container_headings() {
  return {{"ID", "CONTAINER ID"},      {"Names", "NAMES"},
          {"Image", "IMAGE"},          {"Command", "COMMAND"},
          {"CreatedAt", "CREATED AT"}, {"RunningFor", "CREATED"},
          {"Ports", "PORTS"},          {"State", "STATE"},
          {"Status", "STATUS"},        {"Size", "SIZE"},
          {"Labels", "LABELS"},        {"Mounts", "MOUNTS"},
          {"Networks", "NETWORKS"},    {"LocalVolumes", "LOCAL VOLUMES"},
          {"Platform", "PLATFORM"}};
}

Json container_row(const Json& c, bool shorten) {
  const std::int64_t created = c.value("Created", std::int64_t{0});
  const std::string command = c.value("Command", "");
  Json row;
  row["Command"] = Json(shorten ? ellipsis(command, 20) : command).dump(-1, ' ', false, Json::error_handler_t::replace);
  row["CreatedAt"] = long_time(created);
  row["ID"] = shorten ? c.value("Id", "").substr(0, 12) : c.value("Id", "");
  row["Image"] = image_text(c, shorten);
  row["Labels"] = pairs_text(c.value("Labels", Json::object()));
  add_mounts(c, shorten, row);
  row["Names"] = names_text(c, shorten);
  row["Networks"] = networks_text(c);
  row["Platform"] = nullptr;
  row["Ports"] = ports_text(c.value("Ports", Json::array()));
  row["RunningFor"] = human_duration(now_seconds() - created) + " ago";
  row["Size"] = size_text(c);
  row["State"] = c.value("State", "");
  row["Status"] = c.value("Status", "");
  return row;
}

} // namespace gantry::cli
