#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "stat.pb.h"

struct archive;

namespace gantry::buildkit {

/// Where bytes go; false: no more are wanted.
using Sink = std::function<bool(std::string_view)>;

/// Writes files as a tar (pax), while they come.
class TarStream {
 public:
  explicit TarStream(Sink sink);
  ~TarStream();
  TarStream(const TarStream&) = delete;
  TarStream& operator=(const TarStream&) = delete;

  /// A context's files belong to root, as BuildKit has it.
  enum class Owners { root, kept };

  /// What can follow for a regular file is exactly `size` bytes. Devices, pipes and sockets are left out.
  void entry(const fsutil::types::Stat& stat, std::int64_t size, Owners owners = Owners::root);
  void data(std::string_view bytes);
  /// A whole file.
  void file(const std::string& path, const std::string& content);
  void close();

 private:
  void check(int result);
  static long write(archive*, void* self, const void* bytes, std::size_t size);

  Sink sink_;
  archive* archive_;
  bool refused_ = false;
};

/// The receiver wants no more: not an error, what it says tells why.
class NotWanted {};

} // namespace gantry::buildkit
