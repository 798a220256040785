#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <gantry/sdk/fd.hpp>

#include "build/context/tree_memory.hpp"
#include "images/content_store.hpp"
#include "registry/cancel.hpp"
#include "registry/transfer.hpp"

// Contexts with a name (`--build-context NAME=…`): what FROM, COPY --from and RUN --mount=from= find under it, before stages and
// images of the same name.
namespace gantry::build {

/// The files of one, in a directory that nobody else uses.
struct ContextTree {
  explicit ContextTree(const state::Paths& paths) : scratch(paths) {}
  images::Ingest scratch;
  std::shared_ptr<void> held; ///< where they are
  UniqueFd root;
};
using ContextTreePtr = std::shared_ptr<const ContextTree>;

/// Unpacks a tar (any compression) that a client sends. Blocks.
ContextTreePtr receive_tree(int tar, const state::Paths&, TreeMemory&);

/// What a client lends under a name.
struct LentContext {
  ContextTreePtr tree;            ///< null: an image
  std::string image;              ///< id
  std::shared_ptr<void> borrowed; ///< what is only here for the session: its end may block
};

/// A name as contexts are found by it: in any case, and of an image with its registry and tag.
std::string context_key(const std::string& name);

/// Where a context is, as the client says: "docker-image://REF", an http, https or git URL, or "session" for what was sent.
/// invalid for anything else.
void check_context(const std::string& name, const std::string& address);

/// Those of one build. Thread-safe.
class NamedContexts {
 public:
  /// `lent` by name. not_found for "session" contexts that are not in it.
  NamedContexts(const std::map<std::string, std::string>& addresses, const std::map<std::string, LentContext>& lent,
                const state::Paths&, TreeMemory&, registry::Transport);

  bool has(const std::string& name) const { return find(name) != nullptr; }
  /// The image that it is: a reference or an id; empty: it is a tree.
  std::string image(const std::string& name) const;
  /// Fetches what is not here, once. Blocks; the errors of downloads and git with the name in front.
  ContextTreePtr tree(const std::string& name, registry::Cancel&);

 private:
  struct One {
    std::string name, address, image;
    std::mutex guard{}; ///< of `tree`
    ContextTreePtr tree{};
  };
  One* find(const std::string& name) const;

  const state::Paths& paths_;
  TreeMemory& memory_;
  const registry::Transport transport_;
  std::map<std::string, std::unique_ptr<One>> all_; ///< by key
};

} // namespace gantry::build
