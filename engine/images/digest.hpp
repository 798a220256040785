#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct evp_md_ctx_st;

namespace gantry::images {

/// SHA-256 of a stream.
class Sha256 {
 public:
  Sha256();
  void update(std::string_view bytes);
  /// "sha256:<hex>"; once.
  std::string digest();

 private:
  std::unique_ptr<evp_md_ctx_st, void (*)(evp_md_ctx_st*)> context_;
};

std::string sha256_of(std::string_view bytes);
/// "blobs/sha256/<hex>": where archives keep a blob.
std::string blob_path(const std::string& digest);
/// "<hex>" of "sha256:<hex>".
std::string digest_hex(const std::string& digest);
/// OCI chain ids of the layers 1..n, as bare hex: the names of the committed snapshots, base first.
std::vector<std::string> chain_ids(const std::vector<std::string>& diff_ids);

} // namespace gantry::images
