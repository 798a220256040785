#include "discovery.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include <gantry/sdk/error.hpp>
#include <nlohmann/json.hpp>

namespace gantry::volume_docker {
namespace {

namespace fs = std::filesystem;

/// Names become parts of paths.
bool is_name(const std::string& name) {
  static const std::string letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  return !name.empty() && name.size() <= 128 && name[0] != '.' && name.find_first_not_of(letters) == std::string::npos;
}

bool is_socket(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISSOCK(info.st_mode);
}

/// A spec is a line; what is longer than this is none.
std::optional<std::string> read_small(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  if (info.st_size > (64 << 10)) throw Error(Code::invalid, path + " is too long for a plugin's address");
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

Address parse_address(const std::string& text, const std::string& file) {
  const auto after = [&](const std::string& scheme) {
    return text.rfind(scheme, 0) == 0 ? std::optional(text.substr(scheme.size())) : std::nullopt;
  };
  if (const auto path = after("unix://"); path && path->rfind('/', 0) == 0) return {*path, "", ""};
  auto tcp = after("tcp://");
  if (!tcp) tcp = after("http://");
  if (tcp) {
    const std::string authority = tcp->substr(0, tcp->find('/'));
    const std::size_t colon = authority.rfind(':');
    if (colon != std::string::npos && colon > 0 && colon + 1 < authority.size()) {
      std::string host = authority.substr(0, colon);
      if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
      return {"", host, authority.substr(colon + 1)};
    }
  }
  throw Error(Code::invalid, file + ": '" + text + "' is no address of a plugin: unix:///PATH or tcp://HOST:PORT");
}

Address parse_json(const std::string& text, const std::string& file) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  const auto address = json.is_object() ? json.find("Addr") : json.end();
  if (!json.is_object() || address == json.end() || !address->is_string())
    throw Error(Code::invalid, file + ": there is no string \"Addr\" in it");
  const auto tls = json.find("TLSConfig");
  if (tls != json.end() && !tls->is_null()) throw Error(Code::not_implemented, file + ": plugins over TLS are not supported");
  return parse_address(*address, file);
}

void add_names(std::set<std::string>& names, const std::string& directory, const std::vector<std::string>& suffixes) {
  std::error_code error;
  for (fs::directory_iterator item(directory, error), end; !error && item != end; item.increment(error)) {
    const std::string file = item->path().filename().string();
    for (const auto& suffix : suffixes) {
      std::string name = file;
      if (file.size() > suffix.size() && file.compare(file.size() - suffix.size(), suffix.size(), suffix) == 0) {
        name = file.substr(0, file.size() - suffix.size());
      } else if (!fs::exists(item->path() / (file + suffix), error)) {
        continue;
      }
      if (is_name(name)) names.insert(name);
    }
    error.clear();
  }
}

} // namespace

std::optional<Address> find_plugin(const Places& places, const std::string& name) {
  if (!is_name(name)) return std::nullopt;
  for (const std::string& stem : {name, name + "/" + name}) {
    const std::string socket = places.sockets + "/" + stem + ".sock";
    if (is_socket(socket)) return Address{socket, "", ""};
  }
  for (const auto& directory : places.specs) {
    for (const std::string& stem : {name, name + "/" + name}) {
      const std::string file = directory + "/" + stem;
      if (const auto text = read_small(file + ".spec")) return parse_address(trimmed(*text), file + ".spec");
      if (const auto text = read_small(file + ".json")) return parse_json(*text, file + ".json");
    }
  }
  return std::nullopt;
}

std::vector<std::string> plugin_names(const Places& places) {
  std::set<std::string> names;
  add_names(names, places.sockets, {".sock"});
  for (const auto& directory : places.specs) add_names(names, directory, {".spec", ".json"});
  return {names.begin(), names.end()};
}

} // namespace gantry::volume_docker
