#include "images/content_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <set>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/id.hpp"
#include "base/log.hpp"
#include "files/remove_tree.hpp"
#include "images/layer_recipe.hpp"
#include "images/reference.hpp"

namespace gantry::images {
namespace fs = std::filesystem;
namespace {

void sync_path(const std::string& path, int flags) {
  auto fd = open_file(path, flags);
  if (::fsync(fd.get())) throw os_error("sync " + path, errno);
}

} // namespace

Ingest::Ingest(const state::Paths& paths) : dir_(paths.ingest() + "/" + random_id().substr(0, 16)) {
  if (::mkdir(dir_.c_str(), 0700)) throw os_error("make directory " + dir_, errno);
}

Ingest::~Ingest() {
  try {
    files::remove_tree(dir_);
  } catch (const std::exception& e) {
    log::warn("what was received stays until the next start: " + std::string(e.what()));
  }
}

std::string Ingest::new_path() { return dir_ + "/" + std::to_string(next_++); }

ReceivedWriter::ReceivedWriter(std::string path)
    : file_{std::move(path), "", 0}, fd_(open_file(file_.path, O_WRONLY | O_CREAT | O_EXCL, 0600)) {}

void ReceivedWriter::write(std::string_view bytes) {
  if (hashes_) hash_.update(bytes);
  file_.size += bytes.size();
  while (!bytes.empty()) {
    auto n = ::write(fd_.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw os_error("write " + file_.path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

ReceivedFile ReceivedWriter::finish() {
  fd_.reset();
  if (hashes_) file_.digest = hash_.digest();
  return std::move(file_);
}

bool ContentStore::put(const ReceivedFile& file) {
  auto target = paths_.blob(file.digest);
  const auto recipe = recipe_path(paths_, file.digest);
  if (::access(target.c_str(), F_OK) == 0) return false;
  const bool had_recipe = ::access(recipe.c_str(), F_OK) == 0;
  if (file.path.ends_with(recipe_suffix)) {
    if (had_recipe) return false;
    target = recipe;
  }
  sync_path(file.path, O_RDONLY);
  if (::rename(file.path.c_str(), target.c_str())) throw os_error("rename " + file.path + " to " + target, errno);
  sync_path(paths_.blobs(), O_RDONLY | O_DIRECTORY);
  return !had_recipe; // what the recipe made, or a twin: a layer needs it already
}

UniqueFd ContentStore::open(const std::string& digest) const { return open_file(paths_.blob(digest), O_RDONLY); }

void ContentStore::remove(const std::string& digest) {
  for (const auto& path : {recipe_path(paths_, digest), paths_.blob(digest)})
    if (::unlink(path.c_str()) && errno != ENOENT) throw os_error("remove " + path, errno);
}

std::vector<std::string> ContentStore::list() const {
  std::set<std::string> digests;
  for (const auto& entry : fs::directory_iterator(paths_.blobs())) {
    auto name = entry.path().filename().string();
    if (name.ends_with(recipe_suffix)) name.resize(name.size() - recipe_suffix.size());
    if (auto digest = "sha256:" + name; is_sha256(digest)) digests.insert(std::move(digest));
  }
  return {digests.begin(), digests.end()};
}

void ContentStore::clear_ingests() {
  for (const auto& entry : fs::directory_iterator(paths_.ingest())) {
    try {
      files::remove_tree(entry.path());
    } catch (const std::exception& e) {
      log::warn("what an earlier daemon left stays: " + std::string(e.what()));
    }
  }
}

} // namespace gantry::images
