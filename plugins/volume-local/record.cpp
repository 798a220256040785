#include "record.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>

#include <gantry/sdk/fd.hpp>
#include <nlohmann/json.hpp>

#include "directory.hpp"

namespace gantry::volume_local {
namespace {

using Json = nlohmann::ordered_json;

std::string path_in(const std::string& directory) { return directory + "/opts.json"; }

Json to_json(const VolumeSettings& settings) {
  Json json = Json::object();
  for (const auto& [key, value] : settings) json[key] = value;
  return json;
}

VolumeSettings settings_from(const Json& json, const char* key) {
  VolumeSettings settings;
  const auto found = json.find(key);
  if (found == json.end() || !found->is_object()) return settings;
  for (const auto& item : found->items()) {
    if (item.value().is_string()) settings.emplace_back(item.key(), item.value().get<std::string>());
  }
  return settings;
}

} // namespace

void write_record(const std::string& directory, const Record& record) {
  Json json = {{"created_ns", record.created_ns}, {"options", to_json(record.options)}, {"labels", to_json(record.labels)}};
  if (record.project != 0) json["project"] = record.project;
  const std::string text = json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  const std::string path = path_in(directory);
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file) throw system_error("create " + path, errno);
  const ssize_t written = ::write(file.get(), text.data(), text.size());
  if (written != static_cast<ssize_t>(text.size())) throw system_error("write " + path, written < 0 ? errno : ENOSPC);
  if (::fsync(file.get()) != 0) throw system_error("write " + path, errno);
}

Record read_record(const std::string& directory) {
  Record record;
  std::ifstream file(path_in(directory));
  if (!file) return record;
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const Json json = Json::parse(text, nullptr, false);
  const Error damaged(Code::data_loss, path_in(directory) + " is damaged");
  if (!json.is_object()) throw damaged;
  try {
    record.created_ns = json.value("created_ns", std::int64_t{0});
    record.project = json.value("project", std::uint32_t{0});
  } catch (const Json::exception&) {
    throw damaged;
  }
  record.options = settings_from(json, "options");
  record.labels = settings_from(json, "labels");
  return record;
}

} // namespace gantry::volume_local
