#include "buildkit/sync/send.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

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

/// A tar that comes from the daemon.
class Tar {
 public:
  explicit Tar(std::unique_ptr<Exchange> exchange) : exchange_(std::move(exchange)), archive_(archive_read_new()) {
    archive_read_support_format_tar(archive_);
    if (archive_read_open(archive_, this, nullptr, &Tar::read, nullptr) != ARCHIVE_OK) fail();
  }
  ~Tar() { archive_read_free(archive_); }
  Tar(const Tar&) = delete;
  Tar& operator=(const Tar&) = delete;

  archive_entry* next() {
    archive_entry* entry = nullptr;
    const int result = archive_read_next_header(archive_, &entry);
    if (result == ARCHIVE_EOF) return nullptr;
    if (result < ARCHIVE_WARN) fail();
    return entry;
  }

  /// 0 at the end of the entry.
  std::size_t content(char* bytes, std::size_t size) {
    const auto n = archive_read_data(archive_, bytes, size);
    if (n < 0) fail();
    return static_cast<std::size_t>(n);
  }

 private:
  [[noreturn]] void fail() {
    if (error_) std::rethrow_exception(error_);
    throw std::runtime_error(std::string("tar: ") + archive_error_string(archive_));
  }
  static la_ssize_t read(archive* archive, void* self, const void** bytes) {
    auto& tar = *static_cast<Tar*>(self);
    try {
      tar.piece_ = tar.exchange_->read();
    } catch (...) {
      tar.error_ = std::current_exception();
      archive_set_error(archive, 0, "the daemon has ended the connection");
      return -1;
    }
    *bytes = tar.piece_.data();
    return static_cast<la_ssize_t>(tar.piece_.size());
  }

  std::unique_ptr<Exchange> exchange_;
  archive* archive_;
  std::string piece_;
  std::exception_ptr error_;
};

std::string clean_path(const char* name) {
  std::string path = name == nullptr ? "" : name;
  while (path.starts_with("./")) path.erase(0, 2);
  while (path.starts_with("/")) path.erase(0, 1);
  while (path.ends_with('/')) path.pop_back();
  return path == "." ? "" : path;
}

/// False for what is left out.
bool describe(archive_entry* entry, fsutil::types::Stat& stat) {
  stat.set_path(clean_path(archive_entry_pathname(entry)));
  if (stat.path().empty()) return false;
  std::uint32_t bits = go_mode(archive_entry_perm(entry));
  const char* hard = archive_entry_hardlink(entry);
  const auto type = archive_entry_filetype(entry);
  if (hard != nullptr) {
    stat.set_linkname(clean_path(hard));
  } else if (type == AE_IFDIR) {
    bits |= mode::directory;
  } else if (type == AE_IFLNK) {
    bits |= mode::symlink;
    stat.set_linkname(archive_entry_symlink(entry) == nullptr ? "" : archive_entry_symlink(entry));
  } else if (type == AE_IFREG) {
    stat.set_size(archive_entry_size(entry));
  } else {
    return false;
  }
  stat.set_mode(bits);
  stat.set_uid(static_cast<std::uint32_t>(archive_entry_uid(entry)));
  stat.set_gid(static_cast<std::uint32_t>(archive_entry_gid(entry)));
  stat.set_modtime(archive_entry_mtime(entry) * 1'000'000'000LL + archive_entry_mtime_nsec(entry));
  return true;
}

class Sender {
 public:
  Sender(grpc::ClientReaderWriter<Opaque, Opaque>& stream, const std::function<void(std::int64_t, bool)>& transferred)
      : stream_(stream), transferred_(transferred) {}

  void list(Tar& tar) {
    std::size_t bytes = 0;
    while (archive_entry* entry = tar.next()) {
      fsutil::types::Stat stat;
      if (!describe(entry, stat)) continue;
      bytes += stat.ByteSizeLong() + 64;
      if (bytes > names_bytes_max) throw std::runtime_error("the image has too many files");
      files_[stat.path()] = std::move(stat);
    }
  }

  /// In the order of a walk, where a hard link comes after the file that it means: the first of its names has the content.
  void send_names() {
    std::vector<fsutil::types::Stat*> sorted;
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

  void send_contents(Tar& tar) {
    std::vector<char> bytes(256 << 10);
    while (archive_entry* entry = tar.next()) {
      fsutil::types::Stat stat;
      if (!describe(entry, stat) || !has_content(stat) || !stat.linkname().empty()) continue;
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

void send_files(Session& session, std::size_t exporter, const std::function<std::unique_ptr<Exchange>()>& open,
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
      Tar names(open());
      sender.list(names);
    }
    reader = std::thread([&sender] { sender.read(); });
    sender.send_names();
    Tar contents(open());
    sender.send_contents(contents);
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
