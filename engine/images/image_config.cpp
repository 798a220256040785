#include "images/image_config.hpp"

#include "base/error.hpp"
#include "base/time.hpp"
#include "images/document.hpp"
#include "images/reference.hpp"

namespace gantry::images {
namespace {

const std::string invalid_config = "invalid image config";
constexpr std::size_t layers_max = 128;

void check_map(const Json& config, const char* key, bool string_values) {
  auto at = config.find(key);
  if (at == config.end() || at->is_null()) return;
  if (!at->is_object()) throw invalid(invalid_config + ": " + key + " must be an object");
  for (const auto& value : *at)
    if (string_values ? !value.is_string() : !value.is_object() && !value.is_null())
      throw invalid(invalid_config + ": a value of " + key + " has a wrong type");
}

void check_run_config(const Json& config) {
  for (const char* key : {"Env", "Cmd", "Entrypoint", "OnBuild", "Shell"}) strings_member(config, key, invalid_config);
  for (const char* key : {"User", "WorkingDir", "StopSignal", "Hostname", "Domainname"})
    string_member(config, key, invalid_config);
  check_map(config, "Labels", true);
  check_map(config, "Volumes", false);
  check_map(config, "ExposedPorts", false);
  auto health = config.find("Healthcheck");
  if (health == config.end() || health->is_null()) return;
  if (!health->is_object()) throw invalid(invalid_config + ": Healthcheck must be an object");
  strings_member(*health, "Test", invalid_config);
  for (const auto& [key, value] : health->items())
    if (key != "Test" && !value.is_number_integer()) throw invalid(invalid_config + ": Healthcheck." + key + " must be a number");
}

void check_history(const Json& document) {
  auto history = document.find("history");
  if (history == document.end() || history->is_null()) return;
  if (!history->is_array()) throw invalid(invalid_config + ": history must be a list");
  for (const auto& entry : *history) {
    if (!entry.is_object()) throw invalid(invalid_config + ": a history entry must be an object");
    for (const char* key : {"created", "created_by", "comment", "author"}) string_member(entry, key, invalid_config);
    if (entry.contains("empty_layer") && !entry["empty_layer"].is_boolean())
      throw invalid(invalid_config + ": history empty_layer must be true or false");
  }
}

std::vector<std::string> read_diff_ids(const Json& document) {
  auto rootfs = document.find("rootfs");
  if (rootfs == document.end() || !rootfs->is_object()) throw invalid(invalid_config + ": rootfs is missing");
  auto diff_ids = strings_member(*rootfs, "diff_ids", invalid_config);
  for (const auto& id : diff_ids)
    if (!is_sha256(id)) throw invalid(invalid_config + ": \"" + id + "\" in rootfs.diff_ids is not a sha256 digest");
  if (diff_ids.size() > layers_max)
    throw invalid(invalid_config + ": " + std::to_string(diff_ids.size()) + " layers, at most " + std::to_string(layers_max) +
                  " are allowed");
  return diff_ids;
}

} // namespace

ImageConfig parse_image_config(std::string_view bytes) {
  ImageConfig config{parse_document(bytes, invalid_config), {}, 0};
  auto& document = config.document;
  if (!document.is_object()) throw invalid(invalid_config + ": must be a JSON object");
  for (const char* key : {"architecture", "variant", "author", "comment", "docker_version", "container", "os.version"})
    string_member(document, key, invalid_config);
  auto os = string_member(document, "os", invalid_config);
  if (!os.empty() && os != "linux") throw invalid("cannot load " + os + " image on linux");
  if (auto run = document.find("config"); run != document.end() && !run->is_null()) {
    if (!run->is_object()) throw invalid(invalid_config + ": config must be an object");
    check_run_config(*run);
  }
  check_history(document);
  config.diff_ids = read_diff_ids(document);
  if (auto created = string_member(document, "created", invalid_config); !created.empty())
    config.created_ns = parse_timestamp(created);
  return config;
}

std::string host_architecture() {
#if defined(__x86_64__)
  return "amd64";
#elif defined(__aarch64__)
  return "arm64";
#else
#error "name this architecture as Go does"
#endif
}

} // namespace gantry::images
