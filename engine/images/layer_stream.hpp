#pragma once

#include <exception>
#include <string>
#include <thread>

#include <gantry/sdk/fd.hpp>

namespace gantry::images {

/// The uncompressed tar of a layer file (plain, gzip, bzip2, xz, zstd) as a descriptor: the file itself when it is plain, else a
/// pipe that a thread feeds.
class LayerStream {
 public:
  explicit LayerStream(const std::string& path);
  ~LayerStream();
  LayerStream(const LayerStream&) = delete;
  LayerStream& operator=(const LayerStream&) = delete;

  int fd() const { return out_.get(); }
  /// After reading: throws what went wrong while decompressing.
  void finish();

 private:
  void feed(UniqueFd file, UniqueFd pipe);

  UniqueFd out_;
  std::exception_ptr failure_;
  std::thread feeder_;
};

} // namespace gantry::images
