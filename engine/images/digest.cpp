#include "images/digest.hpp"

#include <array>

#include <openssl/evp.h>

#include "base/error.hpp"

namespace gantry::images {

Sha256::Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
  if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1)
    throw internal("SHA-256 is not available in OpenSSL");
}

void Sha256::update(std::string_view bytes) {
  if (EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1) throw internal("SHA-256 failed");
}

std::string Sha256::digest() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> raw{};
  unsigned size = 0;
  if (EVP_DigestFinal_ex(context_.get(), raw.data(), &size) != 1) throw internal("SHA-256 failed");
  constexpr char digits[] = "0123456789abcdef";
  std::string text = "sha256:";
  for (unsigned i = 0; i < size; ++i) {
    text += digits[raw[i] >> 4];
    text += digits[raw[i] & 15];
  }
  return text;
}

std::string sha256_of(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.digest();
}

std::string blob_path(const std::string& digest) { return "blobs/sha256/" + digest_hex(digest); }

std::string digest_hex(const std::string& digest) { return digest.substr(digest.find(':') + 1); }

std::vector<std::string> chain_ids(const std::vector<std::string>& diff_ids) {
  std::vector<std::string> chains;
  std::string chain;
  for (const auto& diff_id : diff_ids) {
    chain = chain.empty() ? diff_id : sha256_of(chain + " " + diff_id);
    chains.push_back(digest_hex(chain));
  }
  return chains;
}

} // namespace gantry::images
