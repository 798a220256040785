#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include <gantry/sdk/fd.hpp>

// The files of one container's log: PATH is being written by the shim, PATH.1 is the youngest rotated one. The daemon
// replaces a rotated file by its gzipped form, PATH.N.gz. Names change under a lock on the directory: the shim's rotation and
// the daemon's replacement hold it alone, readers who collect files share it.
namespace gantry::containers {

inline constexpr unsigned max_rotated_logs = 1000;

enum class LockKind { shared, exclusive };

class LogDirectoryLock {
 public:
  LogDirectoryLock(const std::string& log_path, LockKind kind);
  LogDirectoryLock(const LogDirectoryLock&) = delete;
  LogDirectoryLock& operator=(const LogDirectoryLock&) = delete;

 private:
  UniqueFd directory_; ///< closing it unlocks
};

/// Names the bytes that were written, whether they are compressed by now or not.
struct LogFileId {
  dev_t device = 0;
  ino_t inode = 0;
  bool operator==(const LogFileId&) const = default;
};

struct LogFile {
  UniqueFd fd;
  LogFileId id;
  bool packed = false;
  std::optional<std::uint64_t> first_line; ///< how many lines of the log came before it, when the shim counts
  std::int64_t offset = 0;                 ///< where its reader is
};

std::string rotated_log(const std::string& log_path, unsigned number);

/// The file of that number, 0 being the current one; absent when there is none.
std::optional<LogFile> open_log_file(const std::string& log_path, unsigned number);

/// Makes a packed file readable like any other: its bytes go to a file without a name.
void unpack(LogFile& file, const std::string& log_path);

/// Replaces the rotated files that are still plain. Does nothing to a file that the shim rotates away meanwhile. Blocks.
void compress_rotated_logs(const std::string& log_path);

} // namespace gantry::containers
