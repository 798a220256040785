#include "images/early_unpack.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "base/file.hpp"
#include "images/digest.hpp"

namespace gantry::images {
namespace {

constexpr std::size_t unpackers = 2;
constexpr std::size_t tar_block = 512, tar_magic = 257;

bool is_plain_tar(std::string_view head) {
  return packing_of(head) == Packing::plain && head.size() >= tar_block && head.substr(tar_magic).starts_with("ustar");
}

/// A tar, or something packed that may hold one. Manifests and configs are JSON.
bool looks_like_layer(const std::string& path) {
  std::array<char, tar_block> head{};
  const auto file = open_file(path, O_RDONLY);
  const auto n = ::pread(file.get(), head.data(), head.size(), 0);
  const std::string_view bytes(head.data(), n < 0 ? 0 : static_cast<std::size_t>(n));
  return packing_of(bytes) != Packing::plain || is_plain_tar(bytes);
}

/// The digest that newer archives promise by a file's name, whether it is true or not; empty when there is none.
std::string promised_digest(const std::string& path) {
  constexpr std::string_view blobs = "blobs/sha256/";
  return path.starts_with(blobs) ? "sha256:" + path.substr(blobs.size()) : "";
}

std::string hash_file(const std::string& path) {
  Sha256 hash;
  std::vector<char> buffer(256 << 10);
  const auto file = open_file(path, O_RDONLY);
  for (;;) {
    const auto n = ::read(file.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw os_error("read " + path, errno);
    if (n == 0) return hash.digest();
    hash.update({buffer.data(), static_cast<std::size_t>(n)});
  }
}

} // namespace

EarlyUnpack::EarlyUnpack(StorageDriver& storage, CataloguePtr known, const std::string& directory)
    : storage_(storage), behind_(directory) {
  for (const auto& [chain, layer] : known->layers) {
    known_.insert(layer.blob);
    known_.insert(layer.diff_id);
    if (layer.blob == layer.diff_id) known_sizes_.insert(layer.blob_size);
  }
  for (std::size_t i = 0; i < unpackers; ++i) threads_.emplace_back([this] { work(); });
}

EarlyUnpack::~EarlyUnpack() {
  {
    std::lock_guard lock(guard_);
    waiting_.clear();
  }
  end();
}

void EarlyUnpack::end() {
  {
    std::lock_guard lock(guard_);
    ended_ = true;
  }
  offered_.notify_all();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

bool EarlyUnpack::hashes(const std::string& path, std::string_view head, std::uint64_t size) {
  return is_plain_tar(head) && !known_sizes_.contains(size) && !known_.contains(promised_digest(path));
}

std::string EarlyUnpack::digest_of(const ReceivedFile& file) {
  end();
  const auto at = unpacked_.find(file.path);
  return at == unpacked_.end() ? hash_file(file.path) : at->second.plan.diff_id; // it was no tar after all
}

void EarlyUnpack::received(const ReceivedFile& file) {
  if (known_.contains(file.digest) || !looks_like_layer(file.path)) return;
  {
    std::lock_guard lock(guard_);
    if (!file.digest.empty()) known_.insert(file.digest); // the same file again is unpacked when somebody needs it twice
    waiting_.push_back(file);
  }
  offered_.notify_one();
}

void EarlyUnpack::work() {
  for (;;) {
    std::optional<ReceivedFile> file;
    {
      std::unique_lock lock(guard_);
      offered_.wait(lock, [&] { return ended_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      file = std::move(waiting_.front());
      waiting_.pop_front();
    }
    try {
      auto layer = unpack_layer(storage_, {"", "", "", *file});
      behind_.wrote(file->size + layer.size);
      std::lock_guard lock(guard_);
      unpacked_.emplace(file->path, std::move(layer));
    } catch (const std::exception&) {
      // Unpacked once more, and the failure told, when it is a layer.
    }
  }
}

std::vector<UnpackedLayer> EarlyUnpack::take(const std::vector<LayerPlan>& plans, const LayerDone& done) {
  end();
  std::vector<std::optional<UnpackedLayer>> layers(plans.size());
  std::vector<LayerPlan> rest;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    auto early = unpacked_.extract(plans[i].blob.path);
    if (early.empty()) {
      rest.push_back(plans[i]);
      continue;
    }
    check_diff_id(plans[i], early.mapped().plan.diff_id);
    early.mapped().plan = plans[i];
    layers[i] = std::move(early.mapped());
    done(*layers[i]);
  }
  unpacked_.clear();
  auto late = unpack_layers(storage_, rest, done);
  std::vector<UnpackedLayer> all;
  std::size_t next = 0;
  for (auto& layer : layers) all.push_back(layer ? std::move(*layer) : std::move(late[next++]));
  return all;
}

} // namespace gantry::images
