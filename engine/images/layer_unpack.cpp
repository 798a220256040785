#include "images/layer_unpack.hpp"

#include <atomic>
#include <mutex>
#include <optional>
#include <thread>

#include "base/error.hpp"
#include "base/id.hpp"
#include "base/log.hpp"
#include "images/layer_stream.hpp"
#include "images/uncancelled_call.hpp"

namespace gantry::images {
namespace {

constexpr std::size_t parallel = 2;

/// `finish` first: when decompression failed the driver only saw an early end.
AppliedLayer apply(StorageDriver& storage, const std::string& key, LayerStream& stream) {
  UncancelledCall call;
  std::optional<AppliedLayer> applied;
  std::exception_ptr refused;
  try {
    applied = storage.apply(call, key, stream.fd());
  } catch (const Error&) {
    refused = std::current_exception();
  }
  stream.finish();
  if (refused) std::rethrow_exception(refused);
  return *applied;
}

UnpackedLayer unpack_stream(StorageDriver& storage, const LayerPlan& plan, LayerStream& stream) {
  UnpackedLayer layer{plan, std::make_unique<ActiveSnapshot>(storage), 0};
  auto applied = apply(storage, layer.snapshot->key(), stream);
  if (!plan.diff_id.empty()) check_diff_id(plan, applied.diff_id);
  layer.plan.diff_id = applied.diff_id;
  layer.size = applied.bytes;
  return layer;
}

/// What the threads of one unpack share.
struct Work {
  StorageDriver& storage;
  const std::vector<LayerPlan>& plans;
  const LayerDone& done;
  std::vector<std::optional<UnpackedLayer>> results{plans.size()};
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> failed = false;
  std::mutex guard;
  std::exception_ptr failure;

  void run() {
    try {
      for (std::size_t i; !failed && (i = next++) < plans.size();) {
        results[i] = unpack_layer(storage, plans[i]);
        std::lock_guard lock(guard);
        done(*results[i]);
      }
    } catch (...) {
      std::lock_guard lock(guard);
      if (!failed.exchange(true)) failure = std::current_exception();
    }
  }
};

} // namespace

void check_diff_id(const LayerPlan& plan, const std::string& actual) {
  if (actual != plan.diff_id)
    throw invalid("invalid diffID of a layer: expected \"" + plan.diff_id + "\", got \"" + actual + "\"");
}

ActiveSnapshot::ActiveSnapshot(StorageDriver& storage) : storage_(storage), key_("unpack-" + random_id().substr(0, 16)) {
  UncancelledCall call;
  storage_.prepare(call, key_, "", {});
}

ActiveSnapshot::~ActiveSnapshot() {
  if (committed_) return;
  try {
    UncancelledCall call;
    storage_.remove(call, key_);
  } catch (const std::exception& e) {
    log::warn("remove half-unpacked layer " + key_ + ": " + e.what());
  }
}

void ActiveSnapshot::commit(const std::string& name, const std::string& parent) {
  UncancelledCall call;
  storage_.commit(call, name, key_, parent);
  committed_ = true;
}

UnpackedLayer unpack_layer(StorageDriver& storage, const LayerPlan& plan) {
  LayerStream stream(plan.blob.path);
  return unpack_stream(storage, plan, stream);
}

UnpackedLayer unpack_layer(StorageDriver& storage, const LayerPlan& plan, ByteReader read) {
  LayerStream stream(std::move(read));
  return unpack_stream(storage, plan, stream);
}

std::vector<UnpackedLayer> unpack_layers(StorageDriver& storage, const std::vector<LayerPlan>& plans, const LayerDone& done) {
  Work work{storage, plans, done};
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < std::min(parallel, plans.size()); ++i) threads.emplace_back([&] { work.run(); });
  work.run();
  for (auto& thread : threads) thread.join();
  if (work.failure) std::rethrow_exception(work.failure);
  std::vector<UnpackedLayer> layers;
  for (auto& result : work.results) layers.push_back(std::move(*result));
  return layers;
}

} // namespace gantry::images
