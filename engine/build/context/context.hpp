#pragma once

#include <memory>
#include <string>

#include <gantry/sdk/fd.hpp>

#include "build/context/tree_memory.hpp"
#include "images/content_store.hpp"
#include "registry/cancel.hpp"
#include "registry/transfer.hpp"

namespace gantry::build {

/// The files that a client sends along, in a directory that nobody else uses. Names never lead out of it.
struct Context {
  std::shared_ptr<void> held; ///< where they are
  UniqueFd root;
  std::string dockerfile; ///< its text
  std::string ignore{};   ///< text of the ignore file
};

/// Unpacks the tar, takes the Dockerfile out and leaves out what .dockerignore says (`<Dockerfile>.dockerignore` wins).
/// `dockerfile` is a path in the context.
Context receive_context(int tar, const std::string& dockerfile, images::Ingest& scratch, TreeMemory& memory);

/// The same of a URL: a tarball, a lone Dockerfile, or a git repository (URL#ref:directory).
Context fetch_context(const std::string& url, const std::string& dockerfile, images::Ingest& scratch, TreeMemory& memory,
                      const registry::Transport&, registry::Cancel&);

} // namespace gantry::build
