#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <gantry/sdk/fd.hpp>

#include "base/json.hpp"
#include "images/content_store.hpp"

namespace gantry::images {

/// Works on the files of an archive while the rest of it is still arriving.
class ArchiveWatcher {
 public:
  virtual ~ArchiveWatcher() = default;
  /// Whether the watcher hashes the file by itself; `head` is its beginning. Its digest is asked for when all files are there.
  virtual bool hashes(const std::string& /*path*/, std::string_view /*head*/, std::uint64_t /*size*/) { return false; }
  /// All of a file is there.
  virtual void received(const ReceivedFile&) {}
  /// Of a file that it said to hash; may block.
  virtual std::string digest_of(const ReceivedFile&) { return {}; }
};

/// An image archive, unpacked: every file lies hashed in the ingest directory under a number, so that names inside the
/// archive never reach the file system. Links are resolved among the archive's own entries. Everything is untrusted.
class ImageArchive {
 public:
  /// Reads a tar (plain, gzip, bzip2, xz, zstd) until EOF.
  ImageArchive(UniqueFd in, Ingest&, ArchiveWatcher&);

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
