#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/failpoint.hpp"
#include "base/file.hpp"
#include "base/time.hpp"
#include "images/change_instruction.hpp"
#include "images/digest.hpp"
#include "images/reference.hpp"
#include "images/service_impl.hpp"

namespace gantry::images {
namespace {

/// Two blocks of zeros, in whatever blocks the writer fills up: a tar without an entry.
bool is_empty_tar(int fd) {
  char header[512];
  const ssize_t n = ::pread(fd, header, sizeof header, 0);
  if (n < 0) throw os_error("read the layer", errno);
  return n == 0 || header[0] == '\0';
}

struct ReceivedLayer {
  ReceivedFile file;
  bool empty = false;
};

ReceivedLayer receive_layer(Ingest& ingest, const std::function<AppliedLayer(int)>& write_layer) {
  ReceivedLayer layer;
  layer.file.path = ingest.new_path();
  const UniqueFd file = open_file(layer.file.path, O_RDWR | O_CREAT | O_EXCL, 0600);
  layer.file.digest = write_layer(file.get()).diff_id;
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) throw os_error("look at the layer", errno);
  layer.file.size = static_cast<std::uint64_t>(info.st_size);
  layer.empty = is_empty_tar(file.get());
  return layer;
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
  const ImagePtr parent = get(options.parent);
  if (!parent) throw not_found("No such image: " + options.parent);
  Json config = make_config(*parent, options);

  Ingest ingest(impl_->paths);
  const ReceivedLayer layer = receive_layer(ingest, write_layer);
  failpoint("images.after_receive");
  auto diff_ids = parent->diff_ids;
  std::vector<UnpackedLayer> layers;
  if (layer.empty) {
    config["history"].back()["empty_layer"] = true;
  } else {
    diff_ids.push_back(layer.file.digest);
  }
  const auto chains = chain_ids(diff_ids);
  ImageStore::Lease lease(impl_->store, chains);
  if (!layer.empty && !impl_->store.catalogue()->layers.contains(chains.back()))
    layers.push_back(unpack_layer(impl_->storage, {chains.back(), parent->top_layer, layer.file.digest, layer.file}));
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
