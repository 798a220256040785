#pragma once

#include <cstdint>
#include <string>

#include "registry/cancel.hpp"

namespace gantry::build {

struct Download {
  std::string path;
  std::string name;            ///< of the file, by the URL or what the server says; empty: none
  std::string digest;          ///< sha256 of its content
  std::int64_t modified_s = 0; ///< Last-Modified, 0: unknown
};

/// Fetches an http or https URL into a new file. Redirects are followed, credentials never sent.
Download download(const std::string& url, const std::string& path, registry::Cancel&);

} // namespace gantry::build
