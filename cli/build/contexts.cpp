#include "cli/build/contexts.hpp"

#include <filesystem>
#include <memory>

#include "cli/build/context_tar.hpp"
#include "cli/build/upload.hpp"
#include "cli/commands/container/flag_values.hpp"
#include "cli/failure.hpp"

namespace gantry::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view image_scheme = "docker-image://", layout_scheme = "oci-layout://";

std::string directory_at(const std::string& name, const std::string& path) {
  std::error_code error;
  fs::path found = fs::canonical(path, error);
  if (error) throw Failure("failed to get build context " + name + ": path \"" + path + "\" not found");
  if (!fs::is_directory(found)) throw Failure("failed to get build context " + name + ": " + path + " is not a directory");
  return found;
}

/// Whose annotation says that it has the tag, or "…:tag".
bool has_tag(const Json& descriptor, const std::string& tag) {
  const Json notes = descriptor.value("annotations", Json::object());
  if (!notes.is_object()) return false;
  const std::string name = notes.value("org.opencontainers.image.ref.name", "");
  return name == tag || name.ends_with(":" + tag);
}

/// The index of a layout, cut down to the image with the digest or the tag; without both to the only one.
std::string cut_index(const std::string& name, const std::string& path, const std::string& tag, const std::string& digest) {
  const std::string where = "failed to get build context " + name + ": oci-layout " + path;
  Json index = Json::parse(read_all(path + "/index.json", where.c_str()), nullptr, false);
  if (!index.is_object() || !index.contains("manifests") || !index["manifests"].is_array())
    throw Failure(where + ": index.json is no index of images");
  Json wanted = Json::array();
  const bool only = index["manifests"].size() == 1;
  for (const Json& descriptor : index["manifests"]) {
    if (!descriptor.is_object()) continue;
    const bool fits = !digest.empty() ? descriptor.value("digest", "") == digest
                      : !tag.empty()  ? has_tag(descriptor, tag)
                                      : only || has_tag(descriptor, "latest");
    if (fits && wanted.empty()) wanted.push_back(descriptor);
  }
  if (wanted.empty())
    throw Failure(where + ": no image " +
                  (!digest.empty() ? "with the digest " + digest : "with the tag " + (tag.empty() ? "latest" : tag)));
  index["manifests"] = std::move(wanted);
  return index.dump();
}

std::string ignore_of(const std::string& directory) {
  const std::string path = directory + "/.dockerignore";
  return fs::exists(path) ? read_all(path, "error reading .dockerignore") : "";
}

} // namespace

void NamedContexts::add(const std::string& text) {
  const auto [name, value] = cut(text, '=');
  if (!value || name.empty() || value->empty()) throw Failure("invalid context value: " + text + ", expected key=value");
  if (value->starts_with(layout_scheme)) {
    std::string path = value->substr(layout_scheme.size()), digest, tag;
    if (const std::size_t at = path.find('@'); at != path.npos) {
      digest = path.substr(at + 1);
      path.resize(at);
    }
    if (const std::size_t colon = path.rfind(':'); colon != path.npos && path.find('/', colon) == path.npos) {
      tag = path.substr(colon + 1);
      path.resize(colon);
    }
    const std::string directory = directory_at(name, path);
    here_[name] = {directory, cut_index(name, directory, tag, digest)};
  } else if (!value->starts_with(image_scheme) && !is_url(*value)) {
    here_[name] = {directory_at(name, *value), ""};
  } else {
    here_.erase(name);
    addresses_[name] = *value;
    return;
  }
  addresses_[name] = "session";
}

void NamedContexts::send(Client& client, const std::string& session) const {
  for (const auto& [name, here] : here_) {
    const bool is_layout = !here.layout_index.empty();
    Request request{"POST", "/build/session/context"};
    request.query.add("id", session).add("name", name).add("kind", is_layout ? "oci-layout" : "files");
    std::map<std::string, std::string> extra;
    if (is_layout) extra["index.json"] = here.layout_index;
    ContextTar tar(here.path, is_layout ? "" : ignore_of(here.path), extra, {});
    client.upload(request, "application/x-tar", [&] { return tar.next(); }).read_all();
  }
}

std::string NamedContexts::parameter() const { return Json(addresses_).dump(); }

std::vector<std::string> NamedContexts::images() const {
  std::vector<std::string> all;
  for (const auto& [name, address] : addresses_)
    if (address.starts_with(image_scheme)) all.push_back(address.substr(image_scheme.size()));
  return all;
}

} // namespace gantry::cli
