#include "build/context/named_contexts.hpp"

#include <fcntl.h>

#include <filesystem>

#include "base/error.hpp"
#include "base/file.hpp"
#include "build/context/download.hpp"
#include "build/context/git.hpp"
#include "build/context/in_thread.hpp"
#include "build/copy/archive.hpp"
#include "build/dockerfile/words.hpp"
#include "images/reference.hpp"

namespace gantry::build {
namespace {

constexpr std::string_view image_scheme = "docker-image://";
constexpr std::string_view lent_address = "session";

std::string image_of(const std::string& address) {
  return address.starts_with(image_scheme) ? address.substr(image_scheme.size()) : "";
}

bool is_http(const std::string& address) { return address.starts_with("http://") || address.starts_with("https://"); }

/// A lone file has the name that the server or the URL gives it.
KeptDirectory fetch_files(const std::string& url, images::Ingest& scratch, TreeMemory& memory,
                          const registry::Transport& transport, registry::Cancel& cancel) {
  if (is_git(url)) return {fetch_git(url, false, scratch, cancel).directory};
  const Download file = download(url, scratch.new_path(), transport, cancel);
  const UniqueFd fd = open_file(file.path, O_RDONLY);
  if (is_archive(fd.get())) return unpack_context(fd.get(), scratch, memory);
  std::string directory = scratch.new_path();
  make_directories(directory, 0755);
  std::filesystem::rename(file.path, directory + "/" + (file.name.empty() ? "download" : file.name));
  return {directory};
}

ContextTreePtr opened(std::shared_ptr<ContextTree> tree, const KeptDirectory& directory) {
  tree->root = open_file(directory.path, O_RDONLY | O_DIRECTORY);
  tree->held = directory.held;
  return tree;
}

} // namespace

ContextTreePtr receive_tree(int tar, const state::Paths& paths, TreeMemory& memory) {
  auto tree = std::make_shared<ContextTree>(paths);
  const KeptDirectory directory = unpack_context(tar, tree->scratch, memory);
  return opened(std::move(tree), directory);
}

std::string context_key(const std::string& name) {
  for (const auto& spelled : {name, lower(name)}) {
    try {
      return images::parse_reference(spelled).key().full();
    } catch (const Error&) {
      continue;
    }
  }
  return lower(name);
}

void check_context(const std::string& name, const std::string& address) {
  if (trimmed(name).empty()) throw invalid("a named context needs a name");
  if (address == lent_address || is_http(address) || is_git(address)) return;
  if (const std::string image = image_of(address); !image.empty()) {
    (void)images::parse_reference(image);
    return;
  }
  throw invalid("unsupported context source \"" + address + "\" for " + name +
                ": expected docker-image://REF, a URL of a tarball, or a git repository");
}

NamedContexts::NamedContexts(const std::map<std::string, std::string>& addresses, const std::map<std::string, LentContext>& lent,
                             const state::Paths& paths, TreeMemory& memory, registry::Transport transport)
    : paths_(paths), memory_(memory), transport_(std::move(transport)) {
  for (const auto& [name, address] : addresses) {
    check_context(name, address);
    auto one = std::make_unique<One>();
    one->name = name;
    one->address = address;
    one->image = image_of(address);
    if (address == lent_address) {
      const auto at = lent.find(name);
      if (at == lent.end()) throw not_found("the build context \"" + name + "\" was not sent in the build's session");
      one->image = at->second.image;
      one->tree = at->second.tree;
    }
    all_[context_key(name)] = std::move(one);
  }
}

NamedContexts::One* NamedContexts::find(const std::string& name) const {
  if (all_.empty()) return nullptr;
  const auto at = all_.find(context_key(name));
  return at == all_.end() ? nullptr : at->second.get();
}

std::string NamedContexts::image(const std::string& name) const {
  const One* one = find(name);
  return one == nullptr ? "" : one->image;
}

ContextTreePtr NamedContexts::tree(const std::string& name, registry::Cancel& cancel) {
  One& one = *find(name);
  const std::lock_guard lock(one.guard);
  if (one.tree) return one.tree;
  try {
    auto fresh = std::make_shared<ContextTree>(paths_);
    const KeptDirectory directory = fetch_files(one.address, fresh->scratch, memory_, transport_, cancel);
    return one.tree = opened(std::move(fresh), directory);
  } catch (const Error& e) {
    if (e.code() == Code::cancelled) throw;
    throw Error(e.code(), "failed to load build context " + one.name + ": " + e.what());
  }
}

} // namespace gantry::build
