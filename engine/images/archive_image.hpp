#pragma once

#include <string>
#include <vector>

#include "images/image_archive.hpp"

namespace gantry::images {

/// One image inside an archive, found but not yet unpacked.
struct ArchiveImage {
  std::string config;                ///< byte for byte
  std::vector<std::string> diff_ids; ///< as many as layers
  std::vector<ReceivedFile> layers;  ///< base first
  std::vector<std::string> names;    ///< full names
};

/// `docker save` of any release: manifest.json.
std::vector<ArchiveImage> read_docker_archive(const ImageArchive&);
/// OCI image layout: oci-layout, index.json (indexes may nest; this machine's platform is chosen).
std::vector<ArchiveImage> read_oci_layout(const ImageArchive&);

} // namespace gantry::images
