#pragma once

#include <cstddef>
#include <string>

struct evp_md_ctx_st;

namespace gantry::storage_overlay {

/// A digest that is computed while the bytes pass.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void update(const void* data, std::size_t size);
  /// "sha256:" and 64 hex digits; once.
  std::string finish();

 private:
  evp_md_ctx_st* context_;
};

} // namespace gantry::storage_overlay
