#pragma once

#include <string>
#include <vector>

#include <gantry/sdk/fd.hpp>

#include "base/json.hpp"

struct archive;

namespace gantry::test {

enum class Compression { none, gzip, bzip2, xz, zstd };

/// Writes a tar in memory; names are written as they are, hostile or not.
class TarBuilder {
 public:
  explicit TarBuilder(Compression = Compression::none);
  ~TarBuilder();
  TarBuilder& file(const std::string& path, const std::string& content);
  TarBuilder& symlink(const std::string& path, const std::string& target);
  TarBuilder& hardlink(const std::string& path, const std::string& target);
  TarBuilder& fifo(const std::string& path);
  std::string finish();

 private:
  archive* tar_;
  std::string bytes_;
};

std::string compress(const std::string& bytes, Compression);
/// A layer tar with one file.
std::string layer_tar(const std::string& content);
/// An image config for these uncompressed layers.
std::string config_for(const std::vector<std::string>& layers, const Json& run_config = Json::object());
/// `docker save` of one image: config.json, 0/layer.tar, 1/layer.tar, …
std::string docker_archive(const std::vector<std::string>& layers, const std::vector<std::string>& tags,
                           Compression outer = Compression::none, Compression inner = Compression::none);
/// The config of an image for "linux/ARCHITECTURE[/VARIANT]", whose layer has the platform as content.
std::string platform_config(const std::string& platform);
/// An OCI layout with an index of such images under a full name; `version` makes other indexes of the same images. The layers of
/// `without` are not in the archive.
std::string platforms_layout(const std::vector<std::string>& platforms, const std::string& name, const std::string& version = "1",
                             const std::vector<std::string>& without = {});
/// A descriptor that reads these bytes and ends.
UniqueFd reading(const std::string& bytes);

} // namespace gantry::test
