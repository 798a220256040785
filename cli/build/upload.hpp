#pragma once

#include <functional>
#include <string>

namespace gantry::cli {

/// What a build sends to the daemon.
struct Upload {
  std::function<std::string()> next; ///< pieces of a tar; empty: a remote
  std::string dockerfile_name, dockerfile_text, remote;
};

/// Whether it names a remote context rather than a path.
bool is_url(const std::string& text);

/// A file, or standard input ("-"). Failure with `what` in front.
std::string read_all(const std::string& path, const char* what);

/// PATH, URL or "-" of `gantry build`, and its --file. `check`: of a directory only the Dockerfile and ignore files are sent.
/// Failure for what cannot be read.
Upload prepare_upload(const std::string& path, const std::string& file, bool check);

} // namespace gantry::cli
