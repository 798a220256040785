#include "sha256.hpp"

#include <openssl/evp.h>

#include <gantry/sdk/error.hpp>

namespace gantry::storage_overlay {
namespace {

void check(int ok) {
  if (ok != 1) throw Error(Code::internal, "cannot compute a SHA-256 digest");
}

} // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  check(context_ != nullptr ? 1 : 0);
  check(EVP_DigestInit_ex(context_, EVP_sha256(), nullptr));
}

Sha256::~Sha256() { EVP_MD_CTX_free(context_); }

void Sha256::update(const void* data, std::size_t size) { check(EVP_DigestUpdate(context_, data, size)); }

std::string Sha256::finish() {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  check(EVP_DigestFinal_ex(context_, bytes, &size));
  constexpr char digits[] = "0123456789abcdef";
  std::string text = "sha256:";
  for (unsigned i = 0; i < size; ++i) {
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
  }
  return text;
}

} // namespace gantry::storage_overlay
