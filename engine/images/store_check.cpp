#include "images/store_check.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/id.hpp"
#include "base/through_pipe.hpp"
#include "images/digest.hpp"
#include "images/image_config.hpp"
#include "images/layer_recipe.hpp"
#include "images/uncancelled_call.hpp"

namespace gantry::images {
namespace {

constexpr const char* fetch_again = "remove the images that use it, and pull or load them again";

/// Digest of everything that can be read from `fd`; `bytes` counts it.
std::string digest_of(int fd, std::uint64_t& bytes) {
  Sha256 hash;
  std::vector<char> buffer(1 << 20);
  for (;;) {
    const ssize_t n = ::read(fd, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw os_error("read", errno);
    if (n == 0) return hash.digest();
    hash.update({buffer.data(), static_cast<std::size_t>(n)});
    bytes += static_cast<std::uint64_t>(n);
  }
}

} // namespace

CheckProblem& StoreCheck::report(std::string kind, std::string name, std::string problem, std::string remedy) {
  report_.problems.push_back({std::move(kind), std::move(name), std::move(problem), std::move(remedy), false});
  return report_.problems.back();
}

CheckReport StoreCheck::run() {
  check_database();
  const CataloguePtr catalogue = store_.catalogue();
  check_images(*catalogue);
  check_blobs(*catalogue);
  check_layers(*catalogue);
  find_orphans();
  return std::move(report_);
}

void StoreCheck::check_database() {
  store_.db_.read([&](ImageStore::Transaction& t) {
    for (auto row = t.prepare("PRAGMA integrity_check"); row.step();)
      if (row.text(0) != "ok") report("database", "gantry.db", row.text(0), "restore it from a backup");
    for (auto row = t.prepare("PRAGMA foreign_key_check"); row.step();)
      report("database", row.text(0), "a row refers to a missing row of " + row.text(2), "restore it from a backup");
    for (auto row = t.prepare("SELECT name FROM image_names WHERE image_id NOT IN (SELECT id FROM images)"); row.step();)
      report("name", row.text(0), "leads to no image", "remove it with \"gantry rmi\"");
  });
}

void StoreCheck::check_images(const Catalogue& catalogue) {
  for (const auto& [id, image] : catalogue.images) {
    ++report_.images;
    try {
      const std::string config = store_.config_bytes(id);
      if (sha256_of(config) != id) {
        report("image", id, "its configuration has the digest " + sha256_of(config), fetch_again);
        continue;
      }
      for (const auto& chain : chain_ids(parse_image_config(config).diff_ids))
        if (!catalogue.layers.contains(chain)) report("image", id, "its layer " + chain + " is missing", fetch_again);
    } catch (const Error& error) {
      if (error.code() != Code::not_found) report("image", id, error.what(), fetch_again);
    }
  }
}

void StoreCheck::check_blobs(const Catalogue& catalogue) {
  for (const auto& [chain, layer] : catalogue.layers) {
    if (layer.blob.empty() || bad_blobs_.contains(layer.blob)) continue;
    ++report_.blobs;
    std::string problem;
    try {
      const bool to_be_made = is_recipe_only(paths_, layer);
      const std::string digest =
          to_be_made ? digest_of_made(layer) : digest_of(store_.content_.open(layer.blob).get(), report_.bytes);
      if (digest != layer.blob)
        problem =
            to_be_made ? "the files of its layer make one with the digest " + digest : "its bytes have the digest " + digest;
    } catch (const Error& error) {
      problem = error.what();
    }
    if (problem.empty() || !store_.catalogue()->layers.contains(chain)) continue;
    bad_blobs_.insert(layer.blob);
    report("blob", layer.blob, problem, fetch_again);
  }
}

/// Of the tar that the layer's files and its recipe make.
std::string StoreCheck::digest_of_made(const Layer& layer) {
  std::string digest;
  const auto write = [&](int end) {
    write_tar(paths_, store_.storage_, layer, end);
    return true;
  };
  (void)through_pipe(write, [&](int in) { digest = digest_of(in, report_.bytes); });
  return digest;
}

LayerPlan StoreCheck::plan_of(const Layer& layer) const {
  return {layer.chain, layer.parent, layer.diff_id, {paths_.blob(layer.blob), layer.blob, layer.blob_size}};
}

std::string StoreCheck::hash_of_snapshot(const std::string& id) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC)) throw os_error("make a pipe", errno);
  UniqueFd reader(ends[0]), writer(ends[1]);
  std::exception_ptr failure;
  std::thread thread([&] {
    const UniqueFd out = std::move(writer);
    try {
      UncancelledCall call;
      store_.storage_.diff(call, id, out.get());
    } catch (...) {
      failure = std::current_exception();
    }
  });
  std::uint64_t bytes = 0;
  std::string digest;
  try {
    digest = digest_of(reader.get(), bytes);
  } catch (...) {
    reader.reset();
    thread.join();
    throw;
  }
  thread.join();
  if (failure) std::rethrow_exception(failure);
  return digest;
}

std::string StoreCheck::flaw_of(const Layer& layer) {
  UncancelledCall call;
  const auto found = store_.storage_.stat(call, layer.chain);
  if (!found) return "the storage driver does not have it";
  if (found->kind != SnapshotKind::committed || found->parent != layer.parent)
    return "the storage driver has it with another parent";
  if (layer.blob.empty() || bad_blobs_.contains(layer.blob)) return "";
  if (is_recipe_only(paths_, layer)) return ""; // the blob has told
  try {
    const UnpackedLayer fresh = unpack_layer(store_.storage_, plan_of(layer));
    if (hash_of_snapshot(fresh.snapshot->key()) != hash_of_snapshot(layer.chain)) return "its files are not those of its blob";
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

void StoreCheck::check_layers(const Catalogue& catalogue) {
  std::map<std::string, std::string> flaws;
  for (const auto& [chain, layer] : catalogue.layers) {
    ++report_.layers;
    std::string flaw = flaw_of(layer);
    if (!flaw.empty() && store_.catalogue()->layers.contains(chain)) flaws[chain] = std::move(flaw);
  }
  if (!flaws.empty()) mend_layers(catalogue, flaws);
}

/// A layer can be made anew from its blob when nobody has it mounted; so must be all layers on top of it.
void StoreCheck::mend_layers(const Catalogue& catalogue, const std::map<std::string, std::string>& flaws) {
  std::set<std::string> concerned;
  std::vector<Layer> base_first;
  const auto needs_it = [&](const Layer& layer) { return flaws.contains(layer.chain) || concerned.contains(layer.parent); };
  for (bool grown = true; grown;) {
    grown = false;
    for (const auto& [chain, layer] : catalogue.layers) {
      // A layer goes behind the layer below it.
      const bool below_is_done = layer.parent.empty() || concerned.contains(layer.parent) ||
                                 !catalogue.layers.contains(layer.parent) || !needs_it(catalogue.layers.at(layer.parent));
      if (!needs_it(layer) || !below_is_done || !concerned.insert(chain).second) continue;
      base_first.push_back(layer);
      grown = true;
    }
  }
  std::string obstacle;
  UncancelledCall call;
  for (const auto& snapshot : store_.storage_.list(call))
    if (snapshot.kind != SnapshotKind::committed && concerned.contains(snapshot.parent))
      obstacle = "remove the container " + short_id(snapshot.id) + ", which uses it, and check again with --repair";
  for (const auto& layer : base_first)
    if (layer.blob.empty() || bad_blobs_.contains(layer.blob)) obstacle = fetch_again;
  if (obstacle.empty() && repair_) {
    try {
      replace_layers(base_first);
    } catch (const Error& error) {
      obstacle = std::string("it could not be made anew: ") + error.what();
    }
  }
  const bool done = obstacle.empty() && repair_;
  for (const auto& [chain, flaw] : flaws)
    report("layer", chain, flaw,
           done               ? "made anew from its blob"
           : obstacle.empty() ? "check again with --repair"
                              : obstacle)
        .repaired = done;
}

void StoreCheck::replace_layers(const std::vector<Layer>& base_first) {
  std::vector<UnpackedLayer> fresh;
  for (const auto& layer : base_first) {
    make_blob(paths_, store_.storage_, layer, [] {});
    fresh.push_back(unpack_layer(store_.storage_, plan_of(layer)));
  }
  const std::lock_guard lock(store_.writing_);
  UncancelledCall call;
  for (auto layer = base_first.rbegin(); layer != base_first.rend(); ++layer) store_.storage_.remove(call, layer->chain);
  for (auto& layer : fresh) layer.snapshot->commit(layer.plan.chain, layer.plan.parent);
}

/// What no row knows. Rows come right behind their blobs and layers, while the lock is held.
void StoreCheck::find_orphans() {
  const std::lock_guard lock(store_.writing_);
  const CataloguePtr catalogue = store_.catalogue();
  std::set<std::string> blobs;
  for (const auto& [chain, layer] : catalogue->layers) blobs.insert(layer.blob);
  const auto note = [&](const char* kind, const std::string& name, auto remove) {
    auto& problem = report(kind, name, "no image knows it", repair_ ? "removed" : "check again with --repair");
    if (!repair_) return;
    try {
      remove();
      problem.repaired = true;
    } catch (const Error& error) {
      problem.remedy = error.what();
    }
  };
  for (const auto& digest : store_.content_.list())
    if (!blobs.contains(digest)) note("blob", digest, [&] { store_.content_.remove(digest); });
  UncancelledCall call;
  for (const auto& snapshot : store_.storage_.list(call))
    if (snapshot.kind == SnapshotKind::committed && !catalogue->layers.contains(snapshot.id))
      note("layer", snapshot.id, [&] { store_.storage_.remove(call, snapshot.id); });
}

} // namespace gantry::images
