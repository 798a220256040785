#include "buildkit/solve/exports.hpp"

#include <time.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "buildkit/encoding.hpp"
#include "buildkit/solve/dockerfile_needs.hpp"
#include "buildkit/sync/send.hpp"
#include "bytes.pb.h"
#include "filesync.grpc.pb.h"

namespace gantry::buildkit {
namespace {

constexpr std::size_t piece_max = 1 << 20;

/// The repository and the tag of a name that may have none.
std::pair<std::string, std::string> cut_tag(const std::string& name) {
  const std::size_t colon = name.rfind(':'), slash = name.rfind('/');
  if (colon == std::string::npos || (slash != std::string::npos && colon < slash)) return {name, "latest"};
  return {name.substr(0, colon), name.substr(colon + 1)};
}

std::int64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

/// Deletes a container at the end, whatever happens.
class Removal {
 public:
  Removal(Daemon& daemon, std::string id) : daemon_(daemon), id_(std::move(id)) {}
  ~Removal() {
    try {
      const Cancellation never;
      (void)daemon_.call("DELETE", "/containers/" + id_ + "?force=1&v=1", {}, never);
    } catch (const std::exception&) { // it is the daemon's, which has its own opinion of it
    }
  }
  const std::string& id() const { return id_; }

  Removal(const Removal&) = delete;
  Removal& operator=(const Removal&) = delete;

 private:
  Daemon& daemon_;
  const std::string id_;
};

/// A name that an image has for as long as this lives; what had it before has it again afterwards.
class LentName {
 public:
  LentName(Daemon& daemon, const std::string& image, const std::string& repository, const std::string& tag,
           const Cancellation& cancellation)
      : daemon_(daemon), repository_(repository), tag_(tag) {
    try {
      const Json known = daemon_.call("GET", "/images/" + url_encode(name()) + "/json", {}, cancellation);
      if (known.is_object()) before_ = known.value("Id", "");
    } catch (const DaemonError& e) { // nothing has it
      if (e.status != 404) throw;
    }
    is_lent_ = before_ != image;
    if (is_lent_) give_to(image);
  }
  ~LentName() {
    if (!is_lent_) return;
    try {
      const Cancellation never;
      if (before_.empty()) {
        (void)daemon_.call("DELETE", "/images/" + url_encode(name()) + "?noprune=1", {}, never);
      } else {
        give_to(before_);
      }
    } catch (const std::exception&) { // somebody has been faster
    }
  }
  LentName(const LentName&) = delete;
  LentName& operator=(const LentName&) = delete;

  std::string name() const { return repository_ + ":" + tag_; }

 private:
  /// Not to be cancelled half-way: what has been lent has to come back.
  void give_to(const std::string& image) {
    const Cancellation never;
    Query query;
    query.add("repo", repository_).add("tag", tag_);
    (void)daemon_.call("POST", "/images/" + image + "/tag" + query.text(), {}, never);
  }

  Daemon& daemon_;
  const std::string repository_, tag_;
  std::string before_;
  bool is_lent_ = false;
};

} // namespace

bool Exports::goes_to_store() const {
  return std::any_of(wish_.exports.begin(), wish_.exports.end(),
                     [](const Export& one) { return one.type == "moby" || one.type == "image"; });
}

void Exports::begin() {
  if (goes_to_store()) return;
  Query query;
  query.add("all", "1").add("filters", R"({"dangling":["true"]})");
  const Json images = daemon_.call("GET", "/images/json" + query.text(), {}, cancellation_);
  if (!images.is_array()) return;
  for (const Json& image : images)
    if (image.is_object() && image.contains("Id") && image["Id"].is_string()) dangling_.insert(image["Id"].get<std::string>());
}

void Exports::drop(const std::string& image) {
  if (goes_to_store() || dangling_.contains(image)) return;
  try {
    const Json known = daemon_.call("GET", "/images/" + image + "/json", {}, cancellation_);
    const Json tags = known.value("RepoTags", Json::array());
    if (!tags.is_array() || tags.empty()) (void)daemon_.call("DELETE", "/images/" + image + "?noprune=1", {}, cancellation_);
  } catch (const DaemonError&) { // somebody uses it
  }
}

std::map<std::string, std::string> Exports::write(const std::string& image) {
  std::map<std::string, std::string> told;
  for (std::size_t i = 0; i < wish_.exports.size(); ++i) {
    const Export& one = wish_.exports[i];
    if (one.type == "moby" || one.type == "image") {
      to_store(image, one.attributes, told);
    } else if (one.type == "docker") {
      to_archive(image, one.attributes, i);
    } else if (one.type == "tar") {
      to_tarball(image, i);
    } else if (one.type == "local") {
      to_directory(image, i);
    } else if (!one.type.empty() && one.type != "cacheonly") {
      throw std::runtime_error("exporter \"" + one.type + "\" could not be found");
    }
  }
  drop(image);
  return told;
}

std::shared_ptr<Session> Exports::session() {
  auto found = sessions_.find(wish_.session, cancellation_);
  if (found == nullptr) throw std::runtime_error("no active session for " + wish_.session);
  if (!found->serves("/moby.filesync.v1.FileSend/DiffCopy"))
    throw std::runtime_error("method /moby.filesync.v1.FileSend/DiffCopy not supported by the client");
  return found;
}

void Exports::to_store(const std::string& image, const Attributes& attributes, std::map<std::string, std::string>& told) {
  const std::string vertex = progress_.announce("export", "exporting to image");
  progress_.start(vertex);
  progress_.status(vertex, "exporting layers", 0, 0, true);
  progress_.status(vertex, "writing image " + image, 0, 0, true);
  std::string names;
  for (const auto& name : split_list(value_of(attributes, "name"))) {
    const std::string full = full_reference(name, false), status = "naming to " + full;
    const auto [repository, tag] = cut_tag(full);
    progress_.status(vertex, status, 0, 0, false);
    Query query;
    query.add("repo", repository).add("tag", tag);
    (void)daemon_.call("POST", "/images/" + image + "/tag" + query.text(), {}, cancellation_);
    progress_.status(vertex, status, 0, 0, true);
    names += (names.empty() ? "" : ",") + full;
  }
  progress_.finish(vertex);
  told["containerimage.config.digest"] = image;
  told["containerimage.digest"] = image;
  if (!names.empty()) told["image.name"] = names;
}

std::string Exports::make_container(const std::string& image) {
  const Json made = daemon_.call("POST", "/containers/create",
                                 {{"Image", image}, {"Cmd", {"none"}}, {"HostConfig", {{"NetworkMode", "none"}}}}, cancellation_);
  if (!made.is_object() || !made.contains("Id")) throw std::runtime_error("the daemon made no container of the image");
  return made.value("Id", "");
}

void Exports::send_file(std::size_t number, const std::string& vertex, const std::function<void(const Sink&)>& write) {
  const auto client = session();
  grpc::ClientContext context;
  context.AddMetadata("buildkit-attachable-exporter-id", std::to_string(number));
  const Cancellation::Hook hook(cancellation_, [&context] { context.TryCancel(); });
  const auto stub = moby::filesync::v1::FileSend::NewStub(client->channel());
  const auto stream = stub->DiffCopy(&context);
  std::int64_t sent = 0;
  raw::Bytes piece;
  moby::filesync::v1::Opaque opaque;
  std::exception_ptr failure;
  try {
    write([&](std::string_view bytes) {
      for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), piece_max))) {
        piece.set_data(std::string(bytes.substr(0, piece_max)));
        if (!opaque.ParseFromString(piece.SerializeAsString()) || !stream->Write(opaque)) return false;
        sent += static_cast<std::int64_t>(piece.data().size());
      }
      return true;
    });
  } catch (const NotWanted&) { // the call's status tells why
  } catch (...) {
    failure = std::current_exception();
    context.TryCancel();
  }
  stream->WritesDone();
  while (stream->Read(&opaque)) {
  }
  const grpc::Status end = stream->Finish();
  cancellation_.check();
  if (failure) std::rethrow_exception(failure);
  if (!end.ok()) throw std::runtime_error(end.error_message());
  progress_.status(vertex, "sending tarball", sent, 0, true);
}

std::unique_ptr<Exchange> Exports::get_body(const std::string& target) {
  auto exchange = daemon_.open(cancellation_);
  exchange->send("GET", target, "Connection: close\r\n", "");
  if (const int code = exchange->status(); code >= 400) throw_error(*exchange, code);
  return exchange;
}

void Exports::to_archive(const std::string& image, const Attributes& attributes, std::size_t number) {
  (void)session(); // before anything gets a name
  const std::string vertex = progress_.announce("export " + std::to_string(number), "exporting to docker image format");
  progress_.start(vertex);
  Query query;
  const auto names = split_list(value_of(attributes, "name"));
  std::vector<std::unique_ptr<LentName>> lent; // the archive has names by those of the store
  for (const auto& name : names) {
    const auto [repository, tag] = cut_tag(full_reference(name, false));
    lent.push_back(std::make_unique<LentName>(daemon_, image, repository, tag, cancellation_));
    query.add("names", lent.back()->name());
  }
  if (names.empty()) query.add("names", image);
  send_file(number, vertex, [&](const Sink& sink) {
    const auto body = get_body("/images/get" + query.text());
    for (std::string bytes = body->read(); !bytes.empty(); bytes = body->read())
      if (!sink(bytes)) throw NotWanted();
  });
  progress_.finish(vertex);
}

void Exports::to_tarball(const std::string& image, std::size_t number) {
  const std::string vertex = progress_.announce("export " + std::to_string(number), "exporting to client tarball");
  progress_.start(vertex);
  const std::int64_t since = now_ns();
  const Removal container(daemon_, make_container(image));
  send_file(number, vertex, [&](const Sink& sink) {
    ImageTar files(get_body("/containers/" + container.id() + "/export"), since);
    TarStream tar(sink);
    fsutil::types::Stat stat;
    std::vector<char> bytes(256 << 10);
    while (files.next(stat)) {
      tar.entry(stat, stat.size(), TarStream::Owners::kept);
      for (std::size_t n = files.content(bytes.data(), bytes.size()); n > 0; n = files.content(bytes.data(), bytes.size()))
        tar.data({bytes.data(), n});
    }
    tar.close();
  });
  progress_.finish(vertex);
}

void Exports::to_directory(const std::string& image, std::size_t number) {
  const std::string vertex = progress_.announce("export " + std::to_string(number), "exporting to client directory");
  progress_.start(vertex);
  const std::int64_t since = now_ns();
  const Removal container(daemon_, make_container(image));
  const auto open = [&] { return std::make_unique<ImageTar>(get_body("/containers/" + container.id() + "/export"), since); };
  const auto transferred = [&](std::int64_t bytes, bool done) {
    progress_.status(vertex, "copying files", bytes, 0, done, "copying");
  };
  send_files(*session(), number, open, transferred, cancellation_);
  progress_.finish(vertex);
}

} // namespace gantry::buildkit
