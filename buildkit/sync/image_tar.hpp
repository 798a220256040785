#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <string>

#include "buildkit/engine/exchange.hpp"
#include "stat.pb.h"

struct archive;

namespace gantry::buildkit {

/// The files of an image, out of the tar of a container (GET /containers/ID/export) that was made for this: without devices,
/// pipes and sockets, and without what making the container has added (`since`, nanoseconds since 1970, is a moment before that).
class ImageTar {
 public:
  ImageTar(std::unique_ptr<Exchange> exchange, std::int64_t since);
  ~ImageTar();
  ImageTar(const ImageTar&) = delete;
  ImageTar& operator=(const ImageTar&) = delete;

  /// The next file; false at the end. Throws std::runtime_error and Cancelled.
  bool next(fsutil::types::Stat& stat);
  /// A piece of its content; 0 at the end of it.
  std::size_t content(char* bytes, std::size_t size);

 private:
  [[noreturn]] void fail();
  static long read(archive* archive, void* self, const void** bytes);

  std::unique_ptr<Exchange> exchange_;
  const std::int64_t since_;
  archive* archive_;
  std::string piece_;
  std::exception_ptr error_;
};

} // namespace gantry::buildkit
