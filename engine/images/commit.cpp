#include "base/error.hpp"
#include "base/failpoint.hpp"
#include "base/through_pipe.hpp"
#include "base/time.hpp"
#include "files/tar_pass.hpp"
#include "images/change_instruction.hpp"
#include "images/digest.hpp"
#include "images/layer_recipe.hpp"
#include "images/reference.hpp"
#include "images/service_impl.hpp"
#include "images/uncancelled_call.hpp"

namespace gantry::images {
namespace {

struct ReceivedLayer {
  UnpackedLayer layer;
  bool empty = false; ///< a tar without an entry
};

constexpr std::uint64_t end_of_tar = 2 * files::tar_block_size;

/// The name of a whiteout: unpacked it is no file, so nothing but the recipe can have its content.
bool is_lost_by_unpacking(const std::string& path) { return path.substr(path.rfind('/') + 1).starts_with(".wh."); }

/// Its files are written while they are hashed; of the tar only the recipe is.
ReceivedLayer receive_layer(StorageDriver& storage, Ingest& ingest, const std::function<AppliedLayer(int)>& write_layer) {
  ReceivedLayer received{{{}, std::make_unique<ActiveSnapshot>(storage), 0}, true};
  const std::string path = ingest.new_path() + std::string(recipe_suffix);
  RecipeWriter recipe(path);
  std::uint64_t size = end_of_tar;
  const auto record = [&](int in, int out) {
    files::TarPass tar(in, out);
    while (const auto name = tar.next()) {
      const std::string head = tar.head();
      size += head.size() + tar.content();
      if (is_lost_by_unpacking(*name)) {
        recipe.add(head, *name, 0);
        tar.write(head.data(), head.size());
        tar.take_content([&](std::string_view piece) { recipe.add(piece, *name, 0); });
      } else {
        recipe.add(head, *name, tar.content());
        tar.take();
      }
      received.empty = false;
    }
    tar.finish();
    return true;
  };
  (void)through_pipe(write_layer, [&](int in) {
    (void)through_pipe([&](int out) { return record(in, out); },
                       [&](int tar) {
                         UncancelledCall call;
                         const auto applied = storage.apply(call, received.layer.snapshot->key(), tar);
                         received.layer.plan.diff_id = applied.diff_id;
                         received.layer.size = applied.bytes;
                       });
  });
  recipe.finish();
  received.layer.plan.blob = {path, received.layer.plan.diff_id, size};
  return received;
}

/// The parent's document with what the container and the request say.
Json make_config(const Image& parent, const CommitOptions& options) {
  Json config = parent.config;
  const std::string created = rfc3339_nano(now_ns());
  config["created"] = created;
  config["author"] = options.author;
  config["container"] = options.container;
  config["config"] = Json::object();
  for (const auto& item : options.config.items()) {
    if (!item.value().is_null()) config["config"][item.key()] = item.value();
  }
  apply_changes(config["config"], options.changes);
  Json entry = {{"created", created}};
  if (!options.author.empty()) entry["author"] = options.author;
  if (!options.created_by.empty()) entry["created_by"] = options.created_by;
  if (!options.comment.empty()) entry["comment"] = options.comment;
  config["comment"] = options.comment;
  if (!config.contains("history") || !config["history"].is_array()) config["history"] = Json::array();
  config["history"].push_back(std::move(entry));
  return config;
}

} // namespace

std::string ImageService::commit(const CommitOptions& options, const std::function<AppliedLayer(int out)>& write_layer) {
  std::optional<Reference> name;
  if (!options.repo.empty()) name = parse_target_name(options.repo, options.tag);
  ImagePtr parent = get(options.parent);
  if (!parent) throw not_found("No such image: " + options.parent);
  // Its layers stay from here on; it may just have gone.
  const ImageStore::Lease of_parent(impl_->store, parent->chains);
  parent = get(options.parent);
  if (!parent) throw not_found("No such image: " + options.parent);
  Json config = make_config(*parent, options);

  Ingest ingest(impl_->paths);
  ReceivedLayer received = receive_layer(impl_->storage, ingest, write_layer);
  failpoint("images.after_receive");
  auto diff_ids = parent->diff_ids;
  std::vector<UnpackedLayer> layers;
  if (received.empty) {
    config["history"].back()["empty_layer"] = true;
  } else {
    diff_ids.push_back(received.layer.plan.diff_id);
  }
  const auto chains = chain_ids(diff_ids);
  ImageStore::Lease lease(impl_->store, chains);
  if (!received.empty && !impl_->store.catalogue()->layers.contains(chains.back())) {
    received.layer.plan.chain = chains.back();
    received.layer.plan.parent = parent->top_layer;
    layers.push_back(std::move(received.layer));
  }
  failpoint("images.after_unpack");
  config["rootfs"] = {{"type", "layers"}, {"diff_ids", diff_ids}};

  NewImage added{config.dump(), {}, {}, parent->id};
  if (name) added.names.push_back(name->full());
  const std::string id = sha256_of(added.config);
  impl_->store.publish(layers, {added});
  if (const auto image = get(id); image && name) impl_->publish_event(*image, "tag", name->familiar());
  return id;
}

} // namespace gantry::images
