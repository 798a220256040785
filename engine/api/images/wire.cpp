#include "api/images/wire.hpp"

#include <algorithm>

#include "api/images/run_config_wire.hpp"
#include "base/time.hpp"

namespace gantry::api {
namespace {

using gantry::images::Image;

constexpr std::int64_t second_ns = 1'000'000'000;
/// 0001-01-01T00:00:00Z in unix seconds: what Docker shows where nothing is known.
constexpr std::int64_t zero_time_s = -62135596800;

/// A member of the config as it is, or `absent`.
Json member(const Json& object, const char* key, Json absent) {
  auto at = object.find(key);
  return at == object.end() || at->is_null() ? absent : *at;
}

Json run_config_of(const Image& image) { return member(image.config, "config", Json::object()); }

/// Docker's Created: what the config says, the zero time when it says nothing.
std::string created_text(const Image& image) { return rfc3339_nano(image.created_ns); }

/// The field pairs that only requests before 1.45 see: the container that an image was committed from.
void add_container(Json& json, const Image& image) {
  if (const Json container = member(image.config, "container", ""); container != "") json["Container"] = container;
  json["ContainerConfig"] = full_run_config(member(image.config, "container_config", Json::object()));
}

} // namespace

std::map<std::string, std::string> image_labels(const Image& image) {
  return member(run_config_of(image), "Labels", Json::object()).get<std::map<std::string, std::string>>();
}

Json image_summary(const Image& image, const std::vector<std::string>& tags, const ImageFigures& figures, ApiVersion version) {
  Json json;
  json["Containers"] = figures.containers;
  json["Created"] = image.created_ns / second_ns;
  json["Id"] = image.id;
  json["Labels"] = member(run_config_of(image), "Labels", nullptr);
  json["ParentId"] = image.parent;
  json["RepoDigests"] = image.repo_digests;
  json["RepoTags"] = tags;
  if (version < ApiVersion{1, 43} && tags.empty() && image.repo_digests.empty()) {
    json["RepoDigests"] = Json::array({"<none>@<none>"});
    json["RepoTags"] = Json::array({"<none>:<none>"});
  }
  json["SharedSize"] = figures.shared_size;
  json["Size"] = image.size;
  if (version < ApiVersion{1, 44}) json["VirtualSize"] = image.size;
  return json;
}

Json image_inspect(const Image& image, const GraphDriver& driver, ApiVersion version) {
  Json json;
  json["Id"] = image.id;
  json["RepoTags"] = image.repo_tags;
  json["RepoDigests"] = image.repo_digests;
  json["Parent"] = image.parent;
  json["Comment"] = member(image.config, "comment", "");
  json["Created"] = created_text(image);
  if (version < ApiVersion{1, 45}) add_container(json, image);
  json["DockerVersion"] = member(image.config, "docker_version", "");
  json["Author"] = member(image.config, "author", "");
  json["Config"] = version < ApiVersion{1, 50} ? full_run_config(run_config_of(image)) : trimmed_run_config(run_config_of(image));
  json["Architecture"] = member(image.config, "architecture", "");
  if (image.config.contains("variant")) json["Variant"] = image.config["variant"];
  json["Os"] = member(image.config, "os", "");
  if (image.config.contains("os.version")) json["OsVersion"] = image.config["os.version"];
  json["Size"] = image.size;
  if (version < ApiVersion{1, 44}) json["VirtualSize"] = image.size;
  json["GraphDriver"]["Data"] = driver.data.empty() ? Json(nullptr) : Json::object();
  for (const auto& [key, path] : driver.data) json["GraphDriver"]["Data"][key] = path;
  json["GraphDriver"]["Name"] = driver.name;
  json["RootFS"]["Type"] = "layers";
  if (!image.diff_ids.empty()) json["RootFS"]["Layers"] = image.diff_ids;
  json["Metadata"]["LastTagTime"] = rfc3339_nano(image.tagged_ns);
  return json;
}

Json image_history(const Image& image, const std::vector<gantry::images::ImagePtr>& parents) {
  std::vector<Json> entries;
  std::size_t layer = 0;
  for (const auto& step : member(image.config, "history", Json::array())) {
    bool has_layer = !step.value("empty_layer", false) && layer < image.layer_sizes.size();
    auto created = step.value("created", Json());
    Json entry;
    entry["Comment"] = step.value("comment", "");
    entry["Created"] =
        created.is_string() && !created.get<std::string>().empty() ? parse_timestamp(created) / second_ns : zero_time_s;
    entry["CreatedBy"] = step.value("created_by", "");
    entry["Id"] = "<missing>";
    entry["Size"] = has_layer ? image.layer_sizes[layer++] : 0;
    entry["Tags"] = nullptr;
    entries.push_back(std::move(entry));
  }
  std::reverse(entries.begin(), entries.end());
  for (std::size_t i = 0; i < entries.size() && i <= parents.size(); ++i) {
    const Image& made = i == 0 ? image : *parents[i - 1];
    entries[i]["Id"] = made.id;
    if (!made.repo_tags.empty()) entries[i]["Tags"] = made.repo_tags;
  }
  return Json(std::move(entries));
}

std::set<std::string> parents_of(const std::vector<gantry::images::ImagePtr>& images) {
  std::set<std::string> parents;
  for (const auto& image : images)
    if (!image->parent.empty()) parents.insert(image->parent);
  return parents;
}

bool is_intermediate(const Image& image, const std::set<std::string>& parents) {
  return image.repo_tags.empty() && image.repo_digests.empty() && parents.contains(image.id);
}

Json deleted_images(const std::vector<gantry::images::DeletedImage>& deleted) {
  auto list = Json::array();
  for (const auto& record : deleted) {
    if (record.untagged) list.push_back({{"Untagged", *record.untagged}});
    if (record.deleted) list.push_back({{"Deleted", *record.deleted}});
  }
  return list;
}

} // namespace gantry::api
