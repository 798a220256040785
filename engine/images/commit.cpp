#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/error.hpp"
#include "base/failpoint.hpp"
#include "base/file.hpp"
#include "base/through_pipe.hpp"
#include "base/time.hpp"
#include "images/change_instruction.hpp"
#include "images/digest.hpp"
#include "images/empty_tar.hpp"
#include "images/reference.hpp"
#include "images/service_impl.hpp"

namespace gantry::images {
namespace {

struct ReceivedLayer {
  UnpackedLayer layer;
  bool empty = false; ///< a tar without an entry
};

/// Hands on what arrives in the pipe `in`, and keeps it in a file.
class Keeping {
 public:
  Keeping(int in, const std::string& path) : in_(in), file_(open_file(path, O_WRONLY | O_CREAT | O_EXCL, 0600)) {
    ::fcntl(in, F_SETPIPE_SZ, 1 << 20);
  }

  std::size_t read(char* buffer, std::size_t size) {
    ssize_t n = 0;
    while ((n = ::read(in_, buffer, size)) < 0 && errno == EINTR) {
    }
    if (n < 0) throw os_error("read the layer", errno);
    const auto got = static_cast<std::size_t>(n);
    // Two blocks of zeros, in whatever blocks the writer fills up.
    if (size_ == 0 && got > 0) empty = buffer[0] == '\0';
    for (std::size_t done = 0; done < got;) {
      const ssize_t written = ::write(file_.get(), buffer + done, got - done);
      if (written < 0 && errno != EINTR) throw os_error("write the layer", errno);
      done += static_cast<std::size_t>(std::max<ssize_t>(written, 0));
    }
    size_ += got;
    return got;
  }

  std::uint64_t size() const { return size_; }
  bool empty = true;

 private:
  int in_;
  UniqueFd file_;
  std::uint64_t size_ = 0;
};

/// It is unpacked while it is written.
ReceivedLayer receive_layer(StorageDriver& storage, Ingest& ingest, const std::function<AppliedLayer(int)>& write_layer) {
  ReceivedLayer received;
  const std::string path = ingest.new_path();
  (void)through_pipe(write_layer, [&](int in) {
    Keeping keeping(in, path);
    received.layer = unpack_layer(storage, {}, [&](char* buffer, std::size_t size) { return keeping.read(buffer, size); });
    // What follows the end of the archive.
    std::array<char, 4096> rest{};
    while (keeping.read(rest.data(), rest.size()) > 0) {
    }
    received.empty = keeping.empty;
    received.layer.plan.blob = {path, received.layer.plan.diff_id, keeping.size()};
  });
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
