#include "archive_builder.hpp"

#include <sys/mman.h>

#include <set>
#include <stdexcept>

#include <archive.h>
#include <archive_entry.h>

#include "images/digest.hpp"
#include "images/media_types.hpp"

namespace gantry::test {
namespace {

la_ssize_t append(archive*, void* bytes, const void* data, size_t size) {
  static_cast<std::string*>(bytes)->append(static_cast<const char*>(data), size);
  return static_cast<la_ssize_t>(size);
}

void add_filter(archive* writer, Compression compression) {
  archive_write_set_bytes_in_last_block(writer, 1); // no padding behind compressed data
  if (compression == Compression::gzip) archive_write_add_filter_gzip(writer);
  if (compression == Compression::bzip2) archive_write_add_filter_bzip2(writer);
  if (compression == Compression::xz) archive_write_add_filter_xz(writer);
  if (compression == Compression::zstd) archive_write_add_filter_zstd(writer);
}

void add(archive* tar, const std::string& path, unsigned type, const std::string& content, const char* symlink,
         const char* hardlink) {
  archive_entry* entry = archive_entry_new();
  archive_entry_set_pathname(entry, path.c_str());
  archive_entry_set_filetype(entry, type);
  archive_entry_set_perm(entry, 0644);
  archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
  if (symlink) archive_entry_set_symlink(entry, symlink);
  if (hardlink) archive_entry_set_hardlink(entry, hardlink);
  if (archive_write_header(tar, entry) != ARCHIVE_OK) throw std::runtime_error(archive_error_string(tar));
  archive_write_data(tar, content.data(), content.size());
  archive_entry_free(entry);
}

} // namespace

TarBuilder::TarBuilder(Compression compression) : tar_(archive_write_new()) {
  add_filter(tar_, compression);
  archive_write_set_format_ustar(tar_);
  archive_write_open(tar_, &bytes_, nullptr, append, nullptr);
}

TarBuilder::~TarBuilder() { archive_write_free(tar_); }

TarBuilder& TarBuilder::file(const std::string& path, const std::string& content) {
  add(tar_, path, AE_IFREG, content, nullptr, nullptr);
  return *this;
}

TarBuilder& TarBuilder::symlink(const std::string& path, const std::string& target) {
  add(tar_, path, AE_IFLNK, "", target.c_str(), nullptr);
  return *this;
}

TarBuilder& TarBuilder::hardlink(const std::string& path, const std::string& target) {
  add(tar_, path, AE_IFREG, "", nullptr, target.c_str());
  return *this;
}

TarBuilder& TarBuilder::fifo(const std::string& path) {
  add(tar_, path, AE_IFIFO, "", nullptr, nullptr);
  return *this;
}

std::string TarBuilder::finish() {
  archive_write_close(tar_);
  return bytes_;
}

std::string compress(const std::string& bytes, Compression compression) {
  if (compression == Compression::none) return bytes;
  std::string out;
  archive* writer = archive_write_new();
  add_filter(writer, compression);
  archive_write_set_format_raw(writer);
  archive_write_open(writer, &out, nullptr, append, nullptr);
  add(writer, "data", AE_IFREG, bytes, nullptr, nullptr);
  archive_write_free(writer);
  return out;
}

std::string layer_tar(const std::string& content) { return TarBuilder().file("etc/motd", content).finish(); }

std::string config_for(const std::vector<std::string>& layers, const Json& run_config) {
  Json config{{"created", "2024-01-02T03:04:05Z"}, {"architecture", "amd64"}, {"os", "linux"}};
  config["config"] = run_config;
  config["rootfs"] = {{"type", "layers"}, {"diff_ids", Json::array()}};
  for (const auto& layer : layers) config["rootfs"]["diff_ids"].push_back(images::sha256_of(layer));
  return config.dump();
}

std::string docker_archive(const std::vector<std::string>& layers, const std::vector<std::string>& tags, Compression outer,
                           Compression inner) {
  TarBuilder tar(outer);
  Json entry{{"Config", "config.json"}, {"RepoTags", tags}, {"Layers", Json::array()}};
  tar.file("config.json", config_for(layers));
  for (std::size_t i = 0; i < layers.size(); ++i) {
    auto path = std::to_string(i) + "/layer.tar";
    tar.file(path, compress(layers[i], inner));
    entry["Layers"].push_back(path);
  }
  return tar.file("manifest.json", Json::array({entry}).dump()).finish();
}

std::string platform_config(const std::string& platform) {
  Json config = Json::parse(config_for({layer_tar(platform)}));
  const auto rest = platform.substr(platform.find('/') + 1);
  const auto slash = rest.find('/');
  config["os"] = "linux";
  config["architecture"] = rest.substr(0, slash);
  if (slash != rest.npos) config["variant"] = rest.substr(slash + 1);
  return config.dump();
}

std::string platforms_layout(const std::vector<std::string>& platforms, const std::string& name, const std::string& version,
                             const std::vector<std::string>& without) {
  TarBuilder archive;
  const auto described = [](const std::string& bytes) {
    return Json{{"digest", images::sha256_of(bytes)}, {"size", bytes.size()}};
  };
  const auto add = [&](const std::string& bytes) {
    archive.file("blobs/sha256/" + images::digest_hex(images::sha256_of(bytes)), bytes);
    return described(bytes);
  };
  Json index = {{"schemaVersion", 2},
                {"mediaType", images::media::oci_index},
                {"annotations", {{"v", version}}},
                {"manifests", Json::array()}};
  const std::set<std::string> left_out(without.begin(), without.end());
  for (const auto& platform : platforms) {
    Json manifest = {{"schemaVersion", 2}, {"mediaType", images::media::oci_manifest}, {"layers", Json::array()}};
    manifest["config"] = add(platform_config(platform));
    manifest["config"]["mediaType"] = images::media::oci_config;
    const auto layer = layer_tar(platform);
    manifest["layers"].push_back(left_out.contains(platform) ? described(layer) : add(layer));
    manifest["layers"][0]["mediaType"] = images::media::oci_layer;
    Json entry = add(manifest.dump());
    entry["mediaType"] = images::media::oci_manifest;
    const Json config = Json::parse(platform_config(platform));
    for (const char* key : {"os", "architecture", "variant"})
      if (config.contains(key)) entry["platform"][key] = config[key];
    index["manifests"].push_back(std::move(entry));
  }
  Json top = {{"schemaVersion", 2}, {"manifests", Json::array()}};
  Json entry = add(index.dump());
  entry["mediaType"] = images::media::oci_index;
  entry["annotations"]["io.containerd.image.name"] = name;
  top["manifests"].push_back(std::move(entry));
  return archive.file("oci-layout", R"({"imageLayoutVersion":"1.0.0"})").file("index.json", top.dump()).finish();
}

UniqueFd reading(const std::string& bytes) {
  UniqueFd fd(::memfd_create("archive", MFD_CLOEXEC));
  if (::write(fd.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
    throw std::runtime_error("write a memfd");
  ::lseek(fd.get(), 0, SEEK_SET);
  return fd;
}

} // namespace gantry::test
