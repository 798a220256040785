#pragma once

#include <string>
#include <vector>

#include "images/image_archive.hpp"
#include "images/image_store.hpp"
#include "images/platform.hpp"

namespace gantry::images {

/// One image inside an archive, found but not yet unpacked.
struct ArchiveImage {
  std::string config;                ///< byte for byte
  std::vector<std::string> diff_ids; ///< as many as layers
  std::vector<ReceivedFile> layers;  ///< base first
  std::vector<std::string> names;    ///< full names
  std::vector<Manifest> manifests{}; ///< when it was chosen from an index: that first, then its own
  std::string parent{};              ///< id of an image in the same archive, empty: none
};

/// `docker save` of any release: manifest.json.
std::vector<ArchiveImage> read_docker_archive(const ImageArchive&);
/// OCI image layout: oci-layout, index.json (indexes may nest). Of each index the images for the wanted platforms, or all that
/// the archive has; empty when there is none.
std::vector<ArchiveImage> read_oci_layout(const ImageArchive&, const std::vector<Platform>& wanted);

} // namespace gantry::images
