#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "state/database.hpp"

namespace gantry::registry {

/// What is remembered about blobs between pulls and pushes. Hints only: a registry may have forgotten them.
class BlobRecords {
 public:
  explicit BlobRecords(state::Database& database) : database_(database) {}

  struct Packed {
    std::string digest;
    std::uint64_t size = 0;
  };
  /// What the layer became when it was compressed the last time.
  std::optional<Packed> packed(const std::string& diff_id, const std::string& packing);
  void remember_packed(const std::string& diff_id, const std::string& packing, const Packed&);

  /// Repositories of `domain` where the blob was seen, newest first, without `except`; at most 3.
  std::vector<std::string> places(const std::string& digest, const std::string& domain, const std::string& except);
  void remember_place(const std::vector<std::string>& digests, const std::string& domain, const std::string& path);
  void forget_place(const std::string& digest, const std::string& domain, const std::string& path);

 private:
  state::Database& database_;
};

} // namespace gantry::registry
