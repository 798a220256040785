#include "base/error.hpp"
#include "base/log.hpp"
#include "containers/driver_call.hpp"
#include "containers/model_json.hpp"
#include "containers/own_files.hpp"
#include "containers/parts.hpp"

namespace gantry::containers {
namespace {

std::string joined(const std::optional<StringList>& words) {
  std::string text;
  for (const auto& word : words.value_or(StringList{})) text += (text.empty() ? "" : " ") + word;
  return text;
}

/// What the image keeps of a container: not what only this container was for.
Json image_config(const Config& config) {
  Json json = to_json(config);
  json["Hostname"] = json["Domainname"] = "";
  for (const char* key : {"AttachStdin", "AttachStdout", "AttachStderr", "Tty", "OpenStdin", "StdinOnce"}) json[key] = false;
  json["Image"] = "";
  return json;
}

/// Keeps the processes of a container still while its files are read, as far as that is possible.
class Frozen {
 public:
  Frozen(Parts& parts, const Container& container, bool wanted) : parts_(parts), id_(container.id) {
    if (!wanted || container.phase != Phase::running) return;
    DriverCall call;
    parts_.drivers.runtime.pause(call, id_);
    frozen_ = true;
  }
  ~Frozen() {
    if (!frozen_) return;
    try {
      DriverCall call;
      parts_.drivers.runtime.resume(call, id_);
    } catch (const std::exception& e) {
      log::error("container " + id_ + ": resume after a commit: " + e.what());
    }
  }
  Frozen(const Frozen&) = delete;
  Frozen& operator=(const Frozen&) = delete;

 private:
  Parts& parts_;
  std::string id_;
  bool frozen_ = false;
};

std::string make_image(Parts& parts, const Container& container, const CommitRequest& request) {
  images::CommitOptions options;
  options.parent = container.image_id;
  options.repo = request.repo;
  options.tag = request.tag;
  options.config = image_config(request.config ? *request.config : container.config);
  options.author = request.author;
  options.comment = request.comment;
  options.container = container.id;
  options.created_by = joined(container.config.cmd);
  options.changes = request.changes;
  const std::string id = parts.images.commit(options, [&](int out) {
    const Frozen frozen(parts, container, request.pause);
    DriverCall call;
    write_difference(parts.drivers.storage, call, container.id, out);
    return AppliedLayer{}; // what it is comes to light where it is unpacked
  });
  std::string name = request.repo;
  if (!name.empty() && !request.tag.empty()) name += ":" + request.tag;
  parts.publish(container, "commit", {{"comment", request.comment}, {"imageID", id}, {"imageRef", name}});
  return id;
}

} // namespace

Task<std::string> ContainerService::commit(std::string reference, CommitRequest request) {
  const PartsPtr parts = impl_->parts;
  const EntryPtr entry = parts->index.find(reference);
  // The mutex keeps a pause, a stop or a removal from coming between freezing and resuming.
  auto guard = co_await entry->mutex.lock();
  const ContainerPtr container = entry->snapshot();
  if (container->phase == Phase::removing || container->phase == Phase::dead)
    throw Error(Code::forbidden_state, "You cannot commit container " + container->id + " which is " +
                                           (container->phase == Phase::dead ? "Dead" : "being removed"));
  auto job = [&] { return make_image(*parts, *container, request); };
  co_return co_await on(parts->pool, job);
}

} // namespace gantry::containers
