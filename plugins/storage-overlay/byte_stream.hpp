#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <gantry/sdk/host.hpp>

#include "sha256.hpp"

// The raw bytes of a tar on their way through a descriptor: hashed, counted, and interrupted when the call is cancelled.
namespace gantry::storage_overlay {

class ByteSource {
 public:
  ByteSource(Call&, int fd);
  /// 0 at the end. `data` stays valid until the next read.
  std::size_t read(const void*& data);
  /// Reads what lies behind the tar's end, which the digest covers too.
  std::string drain();

 private:
  Call& call_;
  int fd_;
  Sha256 digest_;
  std::uint64_t count_ = 0;
  std::vector<char> buffer_;
};

class ByteSink {
 public:
  ByteSink(Call& call, int fd) : call_(call), fd_(fd) {}
  void write(const void* data, std::size_t size);
  std::string finish() { return digest_.finish(); }

 private:
  Call& call_;
  int fd_;
  Sha256 digest_;
  std::uint64_t count_ = 0;
};

} // namespace gantry::storage_overlay
