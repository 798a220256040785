#include "build/inline_cache.hpp"

#include <algorithm>
#include <optional>

namespace gantry::build {
namespace {

constexpr const char* member_name = "gantry.build.cache.v1";

const Json& list_in(const Json& document, const char* name) {
  static const Json none = Json::array();
  const auto at = document.find(name);
  return at != document.end() && at->is_array() ? *at : none;
}

const Json& diff_ids_of(const Json& document) {
  static const Json none = Json::array();
  const auto at = document.find("rootfs");
  return at != document.end() && at->is_object() ? list_in(*at, "diff_ids") : none;
}

bool begins_with(const Json& all, const Json& first) {
  return first.size() <= all.size() && std::equal(first.begin(), first.end(), all.begin());
}

Json first_of(const Json& list, std::size_t count) {
  Json first = Json::array();
  for (std::size_t i = 0; i < count; ++i) first.push_back(list[i]);
  return first;
}

/// As commit_state writes it.
std::string text_of(const Json& document) { return document.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::optional<std::size_t> count_in(const Json& entry, const char* name, std::size_t most) {
  const auto at = entry.find(name);
  if (at == entry.end() || !at->is_number_unsigned() || at->get<std::uint64_t>() > most) return {};
  return at->get<std::size_t>();
}

} // namespace

std::string with_inline_cache(const std::string& document, const std::vector<KeptStep>& steps) {
  Json image = Json::parse(document);
  Json entries = Json::array();
  for (const auto& step : steps) {
    Json config = Json::parse(step.document);
    const Json history = list_in(config, "history"), layers = diff_ids_of(config);
    if (!begins_with(list_in(image, "history"), history) || !begins_with(diff_ids_of(image), layers)) continue;
    // Their places stay, so that the bytes can be made again.
    config["history"] = config["rootfs"] = nullptr;
    entries.push_back({{"key", step.key}, {"history", history.size()}, {"layers", layers.size()}, {"image", std::move(config)}});
  }
  image[member_name] = std::move(entries);
  return text_of(image);
}

void drop_inline_cache(Json& document) { document.erase(member_name); }

std::map<std::string, std::string> inline_cache_of(const Json& document) {
  std::map<std::string, std::string> steps;
  const Json &history = list_in(document, "history"), &layers = diff_ids_of(document);
  for (const Json& entry : list_in(document, member_name)) {
    if (!entry.is_object() || !entry.contains("key") || !entry["key"].is_string()) continue;
    const auto lines = count_in(entry, "history", history.size()), depth = count_in(entry, "layers", layers.size());
    const auto image = entry.find("image");
    if (!lines || !depth || image == entry.end() || !image->is_object()) continue;
    Json config = *image;
    config["history"] = first_of(history, *lines);
    config["rootfs"] = {{"type", "layers"}, {"diff_ids", first_of(layers, *depth)}};
    steps[entry["key"].get<std::string>()] = text_of(config);
  }
  return steps;
}

} // namespace gantry::build
