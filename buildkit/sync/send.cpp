#include "buildkit/sync/send.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include "buildkit/session/sessions.hpp"
#include "buildkit/sync/listing.hpp"
#include "filesync.grpc.pb.h"

namespace gantry::buildkit {
namespace {

using moby::filesync::v1::Opaque;
using moby::filesync::v1::Packet;

constexpr std::size_t names_bytes_max = 512 << 20;
constexpr int hops_max = 64;

class Sender {
 public:
  Sender(grpc::ClientReaderWriter<Opaque, Opaque>& stream, const std::function<void(std::int64_t, bool)>& transferred)
      : stream_(stream), transferred_(transferred) {}

  void list(ImageTar& tar) {
    std::size_t bytes = 0;
    fsutil::types::Stat stat;
    while (tar.next(stat)) {
      bytes += stat.ByteSizeLong() + 64;
      if (bytes > names_bytes_max) throw std::runtime_error("the image has too many files");
      files_[stat.path()] = stat;
    }
    resolve_links();
  }

  /// In the order of a walk, where a hard link comes after the file that it means: the first of its names has the content.
  void send_names() {
    std::vector<fsutil::types::Stat*> sorted;
    sorted.reserve(files_.size());
    for (auto& [path, stat] : files_) sorted.push_back(&stat);
    std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return compare_paths(a->path(), b->path()) < 0; });
    std::map<std::string, std::string> first_names;
    std::uint32_t id = 0;
    for (auto* stat : sorted) {
      Packet packet;
      packet.set_type(Packet::STAT);
      *packet.mutable_stat() = *stat;
      if (has_content(*stat)) {
        const std::string origin = stat->linkname().empty() ? stat->path() : stat->linkname();
        const bool shared = !stat->linkname().empty() || is_linked_to(origin);
        if (shared) settle_link(packet, origin, first_names);
        if (packet.stat().linkname().empty()) ids_[origin] = id;
      }
      ++id;
      write(packet);
    }
    Packet end;
    end.set_type(Packet::STAT);
    write(end);
  }

  void send_contents(ImageTar& tar) {
    std::vector<char> bytes(256 << 10);
    fsutil::types::Stat stat;
    while (tar.next(stat)) {
      if (!has_content(stat) || !stat.linkname().empty()) continue;
      const auto id = ids_.find(stat.path());
      if (id == ids_.end() || !wait_for(id->second)) continue;
      Packet packet;
      packet.set_type(Packet::DATA);
      packet.set_id(id->second);
      for (std::size_t n = tar.content(bytes.data(), bytes.size()); n > 0; n = tar.content(bytes.data(), bytes.size())) {
        packet.set_data(bytes.data(), n);
        write(packet);
        sent_ += static_cast<std::int64_t>(n);
      }
      transferred_(sent_, false);
      packet.clear_data();
      write(packet);
      ids_.erase(id);
    }
    // Content that has been promised comes, however the tar was: the client would wait for it.
    for (const auto& [origin, id] : ids_) {
      if (!wait_for(id)) continue;
      Packet packet;
      packet.set_type(Packet::DATA);
      packet.set_id(id);
      write(packet);
    }
  }

  /// The reading side, in a thread of its own.
  void read() {
    Opaque opaque;
    while (stream_.Read(&opaque)) {
      Packet packet;
      if (!packet.ParseFromString(opaque.SerializeAsString())) break;
      const std::lock_guard lock(guard_);
      if (packet.type() == Packet::REQ && asked_.size() < Listing::files_max) asked_.insert(packet.id());
      if (packet.type() == Packet::ERR) error_ = "error from receiver: " + packet.data().substr(0, 4096);
      if (packet.type() == Packet::FIN) {
        finished_ = true;
        break;
      }
      changed_.notify_all();
    }
    const std::lock_guard lock(guard_);
    ended_ = true;
    changed_.notify_all();
  }

  void finish() {
    std::unique_lock lock(guard_);
    changed_.wait(lock, [this] { return ended_; });
    if (!error_.empty()) throw std::runtime_error(error_);
    if (!finished_) return; // the call's status tells why
    lock.unlock();
    Packet end;
    end.set_type(Packet::FIN);
    write(end);
    transferred_(sent_, true);
  }

 private:
  /// fsutil's hard links mean regular files: one to a symlink is a symlink, one to a link means what that means. What means
  /// nothing that is sent (a device) is left out.
  void resolve_links() {
    std::vector<std::string> lost;
    for (auto& [path, stat] : files_) {
      if (!has_content(stat) || stat.linkname().empty()) continue;
      auto origin = files_.find(stat.linkname());
      for (int hops = 0; hops < hops_max && is_hard_link(origin); ++hops) origin = files_.find(origin->second.linkname());
      if (origin == files_.end() || is_hard_link(origin) || is_directory(origin->second)) {
        lost.push_back(path);
      } else if (has_content(origin->second)) {
        stat.set_linkname(origin->first);
      } else {
        stat.set_mode(origin->second.mode());
        stat.set_linkname(origin->second.linkname());
      }
    }
    for (const auto& path : lost) files_.erase(path);
  }

  using Files = std::map<std::string, fsutil::types::Stat>;
  bool is_hard_link(Files::const_iterator file) const {
    return file != files_.end() && has_content(file->second) && !file->second.linkname().empty();
  }
  static bool is_directory(const fsutil::types::Stat& stat) { return (stat.mode() & mode::directory) != 0; }

  bool is_linked_to(const std::string& path) {
    if (!linked_known_)
      for (const auto& [name, stat] : files_)
        if (has_content(stat) && !stat.linkname().empty()) linked_.insert(stat.linkname());
    linked_known_ = true;
    return linked_.contains(path);
  }

  void settle_link(Packet& packet, const std::string& origin, std::map<std::string, std::string>& first_names) {
    const auto [first, is_first] = first_names.emplace(origin, packet.stat().path());
    if (!is_first) {
      packet.mutable_stat()->set_linkname(first->second);
      return;
    }
    packet.mutable_stat()->clear_linkname();
    if (const auto file = files_.find(origin); file != files_.end()) packet.mutable_stat()->set_size(file->second.size());
  }

  /// False when the client does not want it.
  bool wait_for(std::uint32_t id) {
    std::unique_lock lock(guard_);
    changed_.wait(lock, [&] { return asked_.contains(id) || ended_ || !error_.empty(); });
    if (!error_.empty()) throw std::runtime_error(error_);
    return asked_.erase(id) > 0;
  }

  void write(const Packet& packet) {
    Opaque opaque;
    if (!opaque.ParseFromString(packet.SerializeAsString()) || !stream_.Write(opaque))
      throw std::runtime_error("the client has ended the transfer of files early");
  }

  grpc::ClientReaderWriter<Opaque, Opaque>& stream_;
  const std::function<void(std::int64_t, bool)>& transferred_;
  std::map<std::string, fsutil::types::Stat> files_;
  std::map<std::string, std::uint32_t> ids_; ///< by the name under which the tar has the content
  std::set<std::string> linked_;
  bool linked_known_ = false;
  std::int64_t sent_ = 0;
  std::mutex guard_;
  std::condition_variable changed_;
  std::set<std::uint32_t> asked_;
  bool ended_ = false, finished_ = false;
  std::string error_;
};

} // namespace

void send_files(Session& session, std::size_t exporter, const std::function<std::unique_ptr<ImageTar>()>& open,
                const std::function<void(std::int64_t, bool)>& transferred, Cancellation& cancellation) {
  grpc::ClientContext context;
  context.AddMetadata("buildkit-attachable-exporter-id", std::to_string(exporter));
  const Cancellation::Hook hook(cancellation, [&context] { context.TryCancel(); });
  const auto stub = moby::filesync::v1::FileSend::NewStub(session.channel());
  const auto stream = stub->DiffCopy(&context);
  Sender sender(*stream, transferred);
  std::exception_ptr failure;
  std::thread reader;
  try {
    {
      const auto names = open();
      sender.list(*names);
    }
    reader = std::thread([&sender] { sender.read(); });
    sender.send_names();
    const auto contents = open();
    sender.send_contents(*contents);
    sender.finish();
  } catch (...) {
    failure = std::current_exception();
    context.TryCancel();
  }
  stream->WritesDone();
  if (reader.joinable()) reader.join();
  const grpc::Status status = stream->Finish();
  cancellation.check();
  if (!status.ok() && status.error_code() != grpc::StatusCode::CANCELLED) throw std::runtime_error(status.error_message());
  if (failure) std::rethrow_exception(failure);
}

} // namespace gantry::buildkit
