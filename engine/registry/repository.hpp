#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "registry/client.hpp"
#include "registry/download.hpp"
#include "registry/manifest.hpp"

namespace gantry::registry {

/// One repository of one endpoint: its manifests, blobs and tags. Thread-safe; every call blocks.
class Repository {
 public:
  Repository(ClientPtr client, std::string path, std::int64_t attempts)
      : client_(std::move(client)), path_(std::move(path)), attempts_(attempts) {}

  /// What a tag or digest points to, without its body; the registry's digest and size, or nothing when it does not tell them.
  std::optional<Descriptor> head(const std::string& tag_or_digest, Cancel&) const;
  /// The body, verified against `digest` unless that is empty.
  Document manifest(const std::string& tag_or_digest, const std::string& digest, Cancel&) const;
  /// A small blob in memory, verified. invalid when it is larger than `max`.
  std::string blob(const Descriptor&, std::size_t max, Cancel&) const;
  /// For Downloads: a blob from the registry, or a foreign layer from its own URLs.
  BlobFetch fetch(const Descriptor&) const;
  /// All tags, page by page.
  std::vector<std::string> tags(Cancel&) const;

  const std::string& path() const { return path_; }
  const ClientPtr& client() const { return client_; }
  std::int64_t attempts() const { return attempts_; }
  std::string url(const std::string& rest) const { return "/v2/" + path_ + "/" + rest; }

 private:
  ClientPtr client_;
  std::string path_;
  std::int64_t attempts_;
};

} // namespace gantry::registry
