#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <gantry/sdk/fd.hpp>

struct archive;

namespace gantry::images {

/// Writes a tar of plain files to a descriptor. Errors: unavailable when nobody reads any more.
class TarWriter {
 public:
  explicit TarWriter(UniqueFd out);
  ~TarWriter();
  TarWriter(const TarWriter&) = delete;
  TarWriter& operator=(const TarWriter&) = delete;

  void add(const std::string& path, std::string_view content);
  /// Copies `size` bytes from the descriptor.
  void add(const std::string& path, int from, std::uint64_t size);
  void finish();

 private:
  void header(const std::string& path, std::uint64_t size);
  void data(std::string_view bytes);

  UniqueFd out_;
  std::unique_ptr<archive, int (*)(archive*)> tar_;
};

} // namespace gantry::images
