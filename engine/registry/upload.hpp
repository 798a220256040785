#pragma once

#include <functional>
#include <string>
#include <vector>

#include "registry/repository.hpp"

namespace gantry::registry {

/// What a blob to be sent is made of: a file, or bytes in memory.
struct BlobContent {
  std::string digest;
  std::uint64_t size = 0;
  std::string path; ///< empty: `bytes`
  std::string bytes{};
};

/// Sends blobs to one repository. Thread-safe; every call blocks.
class Uploads {
 public:
  explicit Uploads(const Repository& repository) : repository_(repository) {}

  bool exists(const std::string& digest, Cancel&) const;
  /// Asks the registry to take the blob from `from`, a repository of its own. True when it did.
  bool mount(const std::string& digest, const std::string& from, Cancel&) const;
  /// Goes on where it was when a connection breaks. `progress` gets the bytes that were sent.
  void send(const BlobContent&, const std::function<void(std::uint64_t)>& progress, Cancel&) const;

 private:
  std::string begin(Cancel&) const;
  std::string patch(const std::string& location, const BlobContent&, std::uint64_t offset,
                    const std::function<void(std::uint64_t)>& progress, Cancel&) const;
  std::string where(std::string& location, std::uint64_t& offset, Cancel&) const;
  void finish(const std::string& location, const std::string& digest, Cancel&) const;

  const Repository& repository_;
};

} // namespace gantry::registry
