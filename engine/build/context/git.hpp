#pragma once

#include <string>

#include "images/content_store.hpp"
#include "registry/cancel.hpp"

namespace gantry::build {

/// Whether an address names a git repository: git://, ssh://, git@…, github.com/…, or http(s) whose path ends with ".git".
bool is_git(const std::string& url);

struct GitTree {
  std::string directory; ///< with the files; nobody else uses it
  std::string commit;    ///< 40 or 64 hex digits
};

/// Fetches one commit of "URL[#[ref][:directory]]" over the network, as git itself would, without the caller's configuration.
/// `keep_git_dir`: with .git, unless it is only a directory of the repository. invalid when git fails.
GitTree fetch_git(const std::string& url, bool keep_git_dir, images::Ingest& scratch, registry::Cancel&);

} // namespace gantry::build
