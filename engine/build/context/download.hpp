#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "registry/cancel.hpp"
#include "registry/transfer.hpp"

namespace gantry::build {

struct Download {
  std::string path;
  std::string name;            ///< of the file, by the URL or what the server says; empty: none
  std::string digest;          ///< sha256 of its content
  std::int64_t modified_s = 0; ///< Last-Modified, 0: unknown
};

/// Gets how many bytes have come, and how many there will be (0: the server does not tell), with each piece.
using DownloadProgress = std::function<void(std::uint64_t current, std::uint64_t total)>;

/// Fetches an http or https URL into a new file, through the proxies of `transport`. Redirects are followed, credentials never
/// sent. What the server announces has to fit on the disk.
Download download(const std::string& url, const std::string& path, const registry::Transport& transport, registry::Cancel&,
                  const DownloadProgress& = {});

} // namespace gantry::build
