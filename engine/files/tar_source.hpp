#pragma once

#include <archive.h>
#include <sys/types.h>

#include <cstdint>
#include <vector>

namespace gantry::files {

/// The bytes of a tar as libarchive reads them. The content of large files can go around libarchive: out of a pipe into the file,
/// inside the kernel.
class TarSource {
 public:
  explicit TarSource(int in);
  TarSource(const TarSource&) = delete;
  TarSource& operator=(const TarSource&) = delete;

  /// Opens `reader`, whose formats are set, on this source; libarchive's result.
  int open(archive* reader);
  /// After a block of an entry's content: whether what follows it is still in the descriptor, unread. `data` and `size`: as
  /// libarchive gave the block.
  bool is_at_end(const void* data, std::size_t size) const;
  struct Moved {
    std::uint64_t bytes = 0; ///< none where the kernel cannot, fewer than wanted at the end of the tar
    int error = 0;           ///< why writing failed
  };
  /// Moves `left` bytes of content to `offset` of the file `to`, and passes the `padding` behind them. If any were moved
  /// `archive_read_data_skip` is to follow.
  Moved move(int to, off_t offset, std::uint64_t left, std::size_t padding);
  /// False after a skip that did not ask for all that was moved: the tar contradicts itself.
  bool is_even() const { return ahead_ == 0; }

 private:
  static la_ssize_t read_block(archive*, void* self, const void** data);
  void pass_padding(std::size_t size);
  static la_int64_t skip_moved(archive*, void* self, la_int64_t wanted);

  int in_;
  std::vector<char> buffer_;
  std::size_t filled_ = 0;
  std::uint64_t ahead_ = 0; ///< bytes that were read behind libarchive's back
};

} // namespace gantry::files
