#pragma once

#include <functional>
#include <map>
#include <string>

#include <gantry/sdk/fd.hpp>

#include "base/json.hpp"
#include "images/content_store.hpp"

namespace gantry::images {

/// An image archive, unpacked: every file lies hashed in the ingest directory under a number, so that names inside the
/// archive never reach the file system. Links are resolved among the archive's own entries. Everything is untrusted.
class ImageArchive {
 public:
  /// Reads a tar (plain, gzip, bzip2, xz, zstd) until EOF.
  /// `received` is called for each file as soon as all of it is there, while the rest is still arriving.
  ImageArchive(UniqueFd in, Ingest&, const std::function<void(const ReceivedFile&)>& received);

  bool has(const std::string& path) const { return find(path) != nullptr; }
  /// invalid when it is missing.
  const ReceivedFile& file(const std::string& path) const;
  /// The file's bytes, at most `document_max`.
  std::string text(const std::string& path) const;
  Json json(const std::string& path) const;

 private:
  struct Reader;
  const ReceivedFile* find(const std::string& path) const;
  void set_link(const std::string& path, const std::string& target);

  std::map<std::string, ReceivedFile> files_;
  std::map<std::string, std::string> links_; ///< entry → entry, both inside the archive
};

} // namespace gantry::images
