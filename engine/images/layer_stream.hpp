#pragma once

#include <exception>
#include <string>
#include <thread>

#include <gantry/sdk/fd.hpp>

#include "images/decompress.hpp"

namespace gantry::images {

/// The uncompressed tar of a layer (plain, gzip, bzip2, xz, zstd) as a descriptor: the file itself when it is a plain one, else
/// a pipe that a thread feeds.
class LayerStream {
 public:
  explicit LayerStream(const std::string& path);
  /// Of bytes that are still arriving. `read` is called on another thread, up to `finish` or the destruction.
  explicit LayerStream(ByteReader read);
  ~LayerStream();
  LayerStream(const LayerStream&) = delete;
  LayerStream& operator=(const LayerStream&) = delete;

  int fd() const { return out_.get(); }
  /// After reading: throws what went wrong while decompressing.
  void finish();

 private:
  void start(ByteReader read);
  void feed(const ByteReader& read, UniqueFd pipe);

  UniqueFd out_;
  std::exception_ptr failure_;
  std::thread feeder_;
};

} // namespace gantry::images
