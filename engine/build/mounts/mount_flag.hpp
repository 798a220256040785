#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace gantry::build {

/// One `RUN --mount=…`.
struct RunMount {
  std::string type = "bind"; ///< "bind" "cache" "tmpfs" "secret" "ssh"
  std::string id, from, source, target;
  std::string sharing = "shared"; ///< of a cache: "shared" "private" "locked"
  bool read_only = true, required = false;
  std::int64_t size = 0; ///< of a tmpfs, bytes; 0: no limit
  std::optional<mode_t> mode;
  std::optional<uid_t> uid;
  std::optional<gid_t> gid;
  std::optional<std::string> env; ///< a secret that comes as a variable
};

/// Reads the flag's value, comma-separated as CSV; values go through `expand`. invalid with BuildKit's texts.
RunMount parse_mount_flag(const std::string& text, const std::function<std::string(const std::string&)>& expand);

/// The fields of one line of CSV. invalid for a quote that is not closed.
std::vector<std::string> csv_fields(const std::string& line);

/// The value of `from` in a mount flag, as written; empty: none, or the flag cannot be read.
std::string mount_flag_from(const std::string& text);

} // namespace gantry::build
