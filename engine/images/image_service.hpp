#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gantry/sdk/fd.hpp>
#include <gantry/sdk/storage.hpp>

#include "base/json.hpp"
#include "events/bus.hpp"
#include "state/database.hpp"
#include "state/paths.hpp"

namespace gantry::images {

/// An image as stored. Immutable; a changed tag makes a new snapshot.
struct Image {
  std::string id; ///< "sha256:" + hex of the config blob, byte for byte as received
  Json config;    ///< OCI/Docker image config document ("config", "rootfs", "history", "created", …)
  std::vector<std::string> diff_ids;
  std::vector<std::string> chains;        ///< committed snapshot of each layer, base first
  std::vector<std::uint64_t> layer_sizes; ///< bytes of each layer's files, base first
  std::string top_layer;                  ///< committed snapshot name (chain id hex) for storage.prepare, empty for no layers
  std::vector<std::string> repo_tags;     ///< familiar form: "busybox:latest", "host:5000/x:1"
  std::vector<std::string> repo_digests;  ///< "busybox@sha256:…"
  std::uint64_t size = 0;                 ///< bytes of all layers, uncompressed
  std::int64_t created_ns = 0;            ///< from the config
  std::int64_t tagged_ns = 0;             ///< last tag time
  std::string parent;                     ///< id of the image that it was made from here; empty: not known
  std::int64_t last_used_ns = 0;          ///< when it was made, pulled or a container was made of it
};
using ImagePtr = std::shared_ptr<const Image>;

/// Sends one JSON progress object ({"status":…}, {"stream":…}, {"errorDetail":…}) to the client.
using Progress = std::function<void(const Json&)>;

/// Who uses an image; the container service answers (wired in main.cpp, so that images do not depend on containers).
struct ImageUser {
  std::string container_id;
  bool running = false;
};
using ImageUsers = std::function<std::vector<ImageUser>(const std::string& image_id)>;

struct ImportOptions {
  std::string repo; ///< may be empty
  std::string tag;
  std::string message;
  std::vector<std::string> changes; ///< Dockerfile instructions: CMD ENTRYPOINT ENV EXPOSE LABEL USER VOLUME WORKDIR …
  std::string platform;
};

/// An image on top of another one: what a container has changed.
struct CommitOptions {
  std::string parent; ///< id
  std::string repo;   ///< may be empty
  std::string tag;
  Json config; ///< of the container: Cmd, Env, …
  std::string author, comment, container, created_by;
  std::vector<std::string> changes; ///< Dockerfile instructions
};

struct LoadOptions {
  std::vector<std::string> platforms; ///< which images of an index, each must be there; none: all that the archive has
  bool unnamed = false;               ///< the archive's names are left out
};

struct DeletedImage {
  std::optional<std::string> untagged;
  std::optional<std::string> deleted;
};

class ImageStore;
class Intake;

/// Images of one daemon. Every method blocks (SQLite, disk): call it through `on(pool, …)` from coroutines; `resolve`,
/// `get` and `list` read an immutable snapshot and never block on disk. Thread-safe.
/// Errors use Docker's texts ("No such image: x:latest", not_found).
class ImageService {
 public:
  ImageService(const state::Paths&, state::Database&, StorageDriver&, events::Bus&);
  ~ImageService();

  void set_users(ImageUsers users);

  /// By reference ("busybox", "busybox:1.36", "name@sha256:…"), id, or unique id prefix.
  ImagePtr resolve(const std::string& reference) const;
  /// By full id; null when it is gone.
  ImagePtr get(const std::string& id) const;
  /// The one of several platforms under a name ("linux/arm64", "linux/arm/v7"); empty: as above.
  ImagePtr resolve(const std::string& reference, const std::string& platform) const;
  std::vector<ImagePtr> list() const;
  /// Bytes of all layers, shared ones counted once.
  std::uint64_t layers_size() const;

  /// Reads an image archive from `in` until EOF: docker-archive or OCI layout; plain, gzip, bzip2, xz or zstd. The ids of what
  /// was in it.
  std::vector<std::string> load(UniqueFd in, const Progress&, const LoadOptions& = {});
  /// Root filesystem tar (any compression) → image id.
  std::string import(UniqueFd in, const ImportOptions&, const Progress&);
  /// `write_layer` writes the tar of the changes to a file and returns its digest and the bytes of its files; no bytes and no
  /// entries make an image without a layer of its own. Its id.
  std::string commit(const CommitOptions&, const std::function<AppliedLayer(int out)>& write_layer);
  /// Resolves now (throws); the result, which may run on any thread, writes one archive of all of them: docker-archive
  /// and OCI layout at once. A name without tag means all tags of the repository, without `platforms` all of them are saved.
  /// Ignore SIGPIPE where it runs.
  std::function<void(UniqueFd)> save(const std::vector<std::string>& references, const std::vector<std::string>& platforms = {});
  void tag(const std::string& reference, const std::string& repo, const std::string& tag);
  std::vector<DeletedImage> remove(const std::string& reference, bool force, bool prune);
  /// Makes sure that the image in the archive file is present (the embedded image at first start).
  void ensure_embedded(const std::string& archive_path);
  /// Receives the image with this config layer by layer; invalid for a bad config.
  std::unique_ptr<Intake> begin_intake(const std::string& config);
  /// For whoever moves images between this store and registries.
  ImageStore& store();
  /// Deletes unreferenced blobs, layers and ingests (after a crash).
  void collect_garbage();

 private:
  friend struct Removal;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

} // namespace gantry::images
