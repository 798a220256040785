// What a run fetches from the client's session and sends on.
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>

#include "base/text.hpp"
#include "buildkit/encoding.hpp"
#include "buildkit/solve/run.hpp"
#include "buildkit/sync/listing.hpp"
#include "upload.grpc.pb.h"

namespace gantry::buildkit {
namespace {

constexpr std::size_t text_max = 16 << 20;

/// A few small files, whole.
class Texts : public FileTaker {
 public:
  void entry(const fsutil::types::Stat& stat, std::int64_t) override {
    current_ = nullptr;
    if (!has_content(stat)) return;
    count(stat.path().size() + 64);
    if (files.size() >= files_max) throw std::runtime_error("too many files that match the Dockerfile's name");
    current_ = &files[stat.path()];
  }
  void data(std::string_view bytes) override {
    count(bytes.size());
    if (current_ != nullptr) current_->append(bytes);
  }

  std::map<std::string, std::string> files;

 private:
  static constexpr std::size_t files_max = 16;
  void count(std::size_t bytes) {
    size_ += bytes;
    if (size_ > text_max) throw std::runtime_error("the Dockerfile is too large");
  }
  std::string* current_ = nullptr;
  std::size_t size_ = 0;
};

class IntoTar : public FileTaker {
 public:
  explicit IntoTar(TarStream& tar) : tar_(tar) {}
  void entry(const fsutil::types::Stat& stat, std::int64_t size) override { tar_.entry(stat, size); }
  void data(std::string_view bytes) override { tar_.data(bytes); }

 private:
  TarStream& tar_;
};

/// Until the end of what comes, or until no more is wanted.
void pass_on(int from, Exchange& exchange, const Cancellation& cancellation) {
  std::vector<char> bytes(64 << 10);
  for (;;) {
    cancellation.check();
    pollfd wanted{from, POLLIN, 0};
    if (::poll(&wanted, 1, 100) <= 0) continue;
    const ssize_t n = ::read(from, bytes.data(), bytes.size());
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n <= 0 || !exchange.write({bytes.data(), static_cast<std::size_t>(n)})) return;
  }
}

} // namespace

void Run::receive(const std::string& vertex, const std::string& status, const FilesWanted& wanted, FileTaker& taker) {
  progress_.start(vertex);
  std::int64_t bytes = 0;
  auto told = std::chrono::steady_clock::now();
  progress_.status(vertex, status, 0, 0, false, "transferring");
  const Transferred transferred = [&](std::int64_t all) {
    bytes = all;
    const auto now = std::chrono::steady_clock::now();
    if (now - told < std::chrono::milliseconds(100)) return;
    told = now;
    progress_.status(vertex, status, bytes, 0, false, "transferring");
  };
  receive_files(*session_, wanted, taker, transferred, cancellation_);
  progress_.status(vertex, status, bytes, 0, true, "transferring");
}

void Run::load_dockerfile() {
  const std::string& name = sources_.dockerfile;
  definition_ = progress_.announce("definition", "[internal] load build definition from " + name);
  FilesWanted wanted{sources_.dockerfile_local, {name, name + ".dockerignore"}};
  const bool is_usual = name == "Dockerfile";
  if (is_usual) wanted.include.push_back(lower(name));
  wanted.follow = wanted.include;
  Texts texts;
  receive(definition_, "transferring dockerfile:", wanted, texts);
  const auto clean = [](const std::string& path) { return path.starts_with("./") ? path.substr(2) : path; };
  auto found = texts.files.find(clean(name));
  if (found == texts.files.end() && is_usual) found = texts.files.find(lower(name));
  if (found == texts.files.end()) progress_.finish(definition_);
  if (found == texts.files.end()) throw BuildFailed({"failed to read dockerfile: open " + name + ": no such file or directory"});
  dockerfile_ = found->second;
  if (const auto ignore = texts.files.find(clean(name) + ".dockerignore"); ignore != texts.files.end())
    own_ignore_ = ignore->second;
  dockerfile_name_ = ".gantry-" + random_id();
}

std::vector<std::string> Run::load_ignore_of(const std::string& vertex_name, const std::string& local,
                                             const std::string& status) {
  const std::string vertex = progress_.announce(vertex_name, vertex_name);
  Texts texts;
  receive(vertex, status, {local, {".dockerignore"}, {}, {".dockerignore"}}, texts);
  progress_.finish(vertex);
  return ignore_patterns(texts.files[".dockerignore"]);
}

void Run::load_ignore() {
  ignored_ = own_ignore_ ? ignore_patterns(*own_ignore_)
                         : load_ignore_of("[internal] load .dockerignore", sources_.context_local, "transferring context:");
}

void Run::lend_contexts() {
  for (const auto& [name, local] : sources_.locals) {
    if (lending_ == nullptr) throw BuildFailed({"no active session for the context " + name});
    lend_context(name, local);
  }
}

void Run::lend_context(const std::string& name, const std::string& local) {
  const std::string status = "transferring " + name + ":";
  FilesWanted wanted{local};
  wanted.exclude = load_ignore_of("[context " + name + "] load .dockerignore", local, status);
  const std::string vertex = progress_.announce("context " + name, "[context " + name + "] load from client");
  Query query;
  query.add("id", lending_->id()).add("name", name).add("kind", "files");
  const auto exchange = daemon_.open(cancellation_);
  exchange->begin("POST", "/build/session/context" + query.text(), "Content-Type: application/x-tar\r\n");
  try {
    TarStream tar([&exchange](std::string_view bytes) { return exchange->write(bytes); });
    IntoTar taker(tar);
    receive(vertex, status, wanted, taker);
    tar.close();
    exchange->end();
  } catch (const NotWanted&) {
    cancellation_.check();
  } catch (...) {
    exchange->spoil();
    throw;
  }
  if (const int code = exchange->status(); code >= 400) throw_error(*exchange, code);
  progress_.finish(vertex);
}

void Run::send_body(Exchange& exchange) {
  try {
    if (!sources_.upload.empty()) return send_upload(exchange);
    if (!sources_.remote.empty()) return exchange.end();
    TarStream tar([&exchange](std::string_view bytes) { return exchange.write(bytes); });
    send_dockerfile(tar);
    send_context(tar);
    tar.close();
    exchange.end();
  } catch (const NotWanted&) { // the answer tells why
    cancellation_.check();
  } catch (...) {
    exchange.spoil();
    throw;
  }
}

void Run::send_dockerfile(TarStream& tar) {
  // With a .dockerignore of its own, so that the client's stays what it is; the last lines count.
  std::string ignore;
  for (const auto& pattern : ignored_) ignore += pattern + "\n";
  ignore += dockerfile_name_ + "\n" + dockerfile_name_ + ".dockerignore\n";
  tar.file(dockerfile_name_, *dockerfile_);
  tar.file(dockerfile_name_ + ".dockerignore", ignore);
}

void Run::send_context(TarStream& tar) {
  if (!needs_.whole_context && needs_.context_paths.empty()) return;
  const std::string vertex = progress_.announce("context", "[internal] load build context");
  FilesWanted wanted{sources_.context_local};
  wanted.exclude = ignored_;
  wanted.follow = needs_.context_paths;
  IntoTar taker(tar);
  receive(vertex, "transferring context:", wanted, taker);
  progress_.finish(vertex);
}

void Run::send_upload(Exchange& exchange) {
  using gantry::buildkit::raw::Bytes;
  const std::string vertex = progress_.announce("upload", "[internal] load remote build context");
  progress_.start(vertex);
  if (wish_.uploaded != nullptr) {
    pass_on(wish_.uploaded->get(), exchange, cancellation_);
    exchange.end();
    return progress_.finish(vertex);
  }
  if (session_ == nullptr || !session_->serves("/moby.upload.v1.Upload/Pull"))
    throw BuildFailed({"the client does not send the context"});
  grpc::ClientContext context;
  context.AddMetadata("urlpath", sources_.upload);
  const Cancellation::Hook hook(cancellation_, [&context] { context.TryCancel(); });
  const auto stub = moby::upload::v1::Upload::NewStub(session_->channel());
  const auto stream = stub->Pull(&context);
  Bytes piece;
  bool wanted = true;
  while (stream->Read(&piece)) {
    wanted = wanted && exchange.write(piece.data());
    if (!wanted) context.TryCancel();
  }
  const grpc::Status status = stream->Finish();
  cancellation_.check();
  if (wanted && !status.ok()) throw BuildFailed({status.error_message()});
  exchange.end();
  progress_.finish(vertex);
}

} // namespace gantry::buildkit
