#include "images/early_unpack.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "base/file.hpp"

namespace gantry::images {
namespace {

constexpr std::size_t unpackers = 2;
constexpr std::size_t tar_block = 512, tar_magic = 257;

/// A tar, or something packed that may hold one. Manifests and configs are JSON.
bool looks_like_layer(const std::string& path) {
  std::array<char, tar_block> head{};
  const auto file = open_file(path, O_RDONLY);
  const auto n = ::pread(file.get(), head.data(), head.size(), 0);
  const std::string_view bytes(head.data(), n < 0 ? 0 : static_cast<std::size_t>(n));
  return packing_of(bytes) != Packing::plain || (bytes.size() == tar_block && bytes.substr(tar_magic).starts_with("ustar"));
}

} // namespace

EarlyUnpack::EarlyUnpack(StorageDriver& storage, CataloguePtr known) : storage_(storage) {
  for (const auto& [chain, layer] : known->layers) {
    known_.insert(layer.blob);
    known_.insert(layer.diff_id);
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

void EarlyUnpack::offer(const ReceivedFile& file) {
  if (known_.contains(file.digest) || !looks_like_layer(file.path)) return;
  {
    std::lock_guard lock(guard_);
    known_.insert(file.digest); // the same file again is unpacked when somebody needs it twice
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
