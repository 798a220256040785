#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gantry/sdk/fd.hpp>

#include "images/digest.hpp"
#include "state/paths.hpp"

namespace gantry::images {

/// A file in an ingest directory, complete and hashed.
struct ReceivedFile {
  std::string path;
  std::string digest;
  std::uint64_t size = 0;
};

/// A private directory for bytes that are being received; removed with everything in it on destruction.
class Ingest {
 public:
  explicit Ingest(const state::Paths&);
  ~Ingest();
  Ingest(const Ingest&) = delete;
  Ingest& operator=(const Ingest&) = delete;

  /// A path in the directory that is not used yet.
  std::string new_path();

 private:
  std::string dir_;
  int next_ = 0;
};

/// Writes one received file and hashes it on the way, unless somebody else will.
class ReceivedWriter {
 public:
  explicit ReceivedWriter(std::string path);
  /// Before the first write: the digest of the file stays empty.
  void leave_hash_open() { hashes_ = false; }
  void write(std::string_view bytes);
  ReceivedFile finish();

 private:
  ReceivedFile file_;
  UniqueFd fd_;
  Sha256 hash_;
  bool hashes_ = true;
};

/// Blobs by digest. A blob that is visible is complete, verified and synced.
class ContentStore {
 public:
  explicit ContentStore(const state::Paths& paths) : paths_(paths) {}

  /// Moves the file into the store, unless it is there. False when the blob or its recipe was: not to be taken back on failure.
  bool put(const ReceivedFile&);
  UniqueFd open(const std::string& digest) const;
  /// Missing is OK.
  void remove(const std::string& digest);
  std::vector<std::string> list() const;
  /// Deletes what an earlier daemon was receiving when it died.
  void clear_ingests();

 private:
  const state::Paths& paths_;
};

} // namespace gantry::images
