#include "buildkit/sync/receive.hpp"

#include <deque>
#include <map>
#include <stdexcept>

#include "buildkit/session/sessions.hpp"
#include "buildkit/sync/listing.hpp"
#include "filesync.grpc.pb.h"

namespace gantry::buildkit {
namespace {

using moby::filesync::v1::Packet;

/// Files that are asked for before their turn, so that many small ones do not cost a round trip each.
constexpr std::size_t ahead_files_max = 32;
constexpr std::int64_t small_max = 256 << 10, ahead_bytes_max = 8 << 20;
/// What names may take that wait for the contents of those before them.
constexpr std::size_t waiting_bytes_max = 256 << 20;

class Receiver {
 public:
  Receiver(PacketStream& stream, FileTaker& taker, const Transferred& transferred)
      : stream_(stream), taker_(taker), transferred_(transferred) {}

  void run() {
    Packet packet;
    while (!(listed_ && waiting_.empty())) {
      if (!stream_.read(packet)) throw std::runtime_error("the client has ended the transfer of files early");
      bytes_ += static_cast<std::int64_t>(packet.ByteSizeLong());
      if (transferred_) transferred_(bytes_);
      take(packet);
      advance();
    }
    finish();
  }

 private:
  struct Waiting {
    fsutil::types::Stat stat;
    std::uint32_t id = 0;
    bool wanted = false; ///< its content has to come
    bool asked = false, complete = false, begun = false;
    std::int64_t passed = 0; ///< bytes that went on to the taker
    std::string content{};   ///< what came before its turn, or all of a small file
  };

  static bool is_small(const Waiting& file) { return file.stat.size() <= small_max; }

  void take(const Packet& packet) {
    switch (packet.type()) {
      case Packet::STAT:
        return take_stat(packet);
      case Packet::DATA:
        return take_data(packet);
      case Packet::ERR:
        throw std::runtime_error("error from sender: " + packet.data().substr(0, 4096));
      default:
        throw std::runtime_error("the client sends what makes no sense while files are sent");
    }
  }

  void take_stat(const Packet& packet) {
    if (listed_) throw std::runtime_error("the client names files after the end of the list");
    if (!packet.has_stat()) {
      listed_ = true;
      return;
    }
    listing_.add(packet.stat());
    Waiting file;
    file.stat = packet.stat();
    file.id = next_id_++;
    file.wanted = has_content(file.stat) && file.stat.linkname().empty();
    waiting_bytes_ += file.stat.ByteSizeLong() + sizeof(Waiting);
    if (waiting_bytes_ > waiting_bytes_max) throw std::runtime_error("the client names too many files ahead");
    waiting_.push_back(std::move(file));
  }

  void take_data(const Packet& packet) {
    if (waiting_.empty() || packet.id() < waiting_.front().id || packet.id() - waiting_.front().id >= waiting_.size())
      throw std::runtime_error("the client sends content that was not asked for");
    Waiting& file = waiting_[packet.id() - waiting_.front().id];
    if (!file.asked || file.complete) throw std::runtime_error("the client sends content that was not asked for");
    if (packet.data().empty()) {
      file.complete = true;
      return;
    }
    // One that grew since it was named is taken as it is, as long as that is little.
    if (is_small(file)) {
      ahead_ += static_cast<std::int64_t>(packet.data().size());
      if (ahead_ > 2 * ahead_bytes_max) throw std::runtime_error("the file " + file.stat.path() + " grows while it is sent");
      file.content += packet.data();
      return;
    }
    if (&file != &waiting_.front()) throw std::runtime_error("the client sends content that was not asked for");
    begin(file, file.stat.size());
    pass(file, packet.data());
  }

  void begin(Waiting& file, std::int64_t size) {
    if (std::exchange(file.begun, true)) return;
    taker_.entry(file.stat, size);
  }

  void pass(Waiting& file, std::string_view bytes) {
    file.passed += static_cast<std::int64_t>(bytes.size());
    if (!is_small(file) && file.passed > file.stat.size())
      throw std::runtime_error("the file " + file.stat.path() + " grew while it was sent");
    taker_.data(bytes);
  }

  /// What is complete goes on, and what can come next is asked for.
  void advance() {
    while (!waiting_.empty()) {
      Waiting& file = waiting_.front();
      if (file.wanted && !file.complete) break;
      if (!file.wanted) {
        begin(file, 0);
      } else if (is_small(file)) {
        begin(file, static_cast<std::int64_t>(file.content.size()));
        pass(file, file.content);
        ahead_ -= static_cast<std::int64_t>(file.content.size());
        asked_bytes_ -= file.stat.size();
      } else {
        begin(file, file.stat.size());
        if (file.passed != file.stat.size())
          throw std::runtime_error("the file " + file.stat.path() + " shrank while it was sent");
      }
      if (file.asked) --asked_;
      waiting_bytes_ -= file.stat.ByteSizeLong() + sizeof(Waiting);
      waiting_.pop_front();
      if (looked_at_ > 0) --looked_at_;
    }
    ask_ahead();
  }

  void ask_ahead() {
    for (; looked_at_ < waiting_.size(); ++looked_at_) {
      Waiting& file = waiting_[looked_at_];
      if (!file.wanted) continue;
      // A big one is passed on as it comes: only when everything before it has gone.
      if (!is_small(file) && looked_at_ > 0) return;
      if (is_small(file) && asked_ > 0 && (asked_ >= ahead_files_max || asked_bytes_ + file.stat.size() > ahead_bytes_max))
        return;
      file.asked = true;
      ++asked_;
      if (is_small(file)) asked_bytes_ += file.stat.size();
      Packet request;
      request.set_type(Packet::REQ);
      request.set_id(file.id);
      if (!stream_.write(request)) throw std::runtime_error("the client has ended the transfer of files early");
    }
  }

  /// Both sides say that it is over.
  void finish() {
    Packet end;
    end.set_type(Packet::FIN);
    if (!stream_.write(end)) return;
    Packet packet;
    while (stream_.read(packet)) {
      bytes_ += static_cast<std::int64_t>(packet.ByteSizeLong());
      if (packet.type() == Packet::ERR) throw std::runtime_error("error from sender: " + packet.data().substr(0, 4096));
    }
    if (transferred_) transferred_(bytes_);
  }

  PacketStream& stream_;
  FileTaker& taker_;
  const Transferred& transferred_;
  Listing listing_;
  std::deque<Waiting> waiting_;
  std::size_t looked_at_ = 0, asked_ = 0, waiting_bytes_ = 0; ///< the first: how many of `waiting_` are asked for, or need not be
  std::int64_t asked_bytes_ = 0, ahead_ = 0, bytes_ = 0;
  std::uint32_t next_id_ = 0;
  bool listed_ = false;
};

class GrpcPackets : public PacketStream {
 public:
  explicit GrpcPackets(grpc::ClientReaderWriter<Packet, Packet>& stream) : stream_(stream) {}
  bool read(Packet& packet) override { return stream_.Read(&packet); }
  bool write(const Packet& packet) override { return stream_.Write(packet); }

 private:
  grpc::ClientReaderWriter<Packet, Packet>& stream_;
};

bool is_plain(const std::string& text) {
  for (const char c : text)
    if (c < 0x20 || c > 0x7e) return false;
  return true;
}

/// As Go's url.QueryEscape.
std::string query_escape(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) || c == '-' || c == '_' || c == '.' || c == '~') {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      out += '%';
      out += "0123456789ABCDEF"[byte >> 4];
      out += "0123456789ABCDEF"[byte & 15];
    }
  }
  return out;
}

/// Headers hold printable ASCII only: lists with anything else are written in another way, which a header more says.
void add_list(grpc::ClientContext& context, const std::string& key, const std::vector<std::string>& values) {
  bool plain = true;
  for (const auto& value : values) plain = plain && is_plain(value);
  if (!plain) context.AddMetadata(key + "-encoded", "1");
  for (const auto& value : values) context.AddMetadata(key, plain ? value : query_escape(value));
}

} // namespace

void receive_packets(PacketStream& stream, FileTaker& taker, const Transferred& transferred) {
  Receiver(stream, taker, transferred).run();
}

void receive_files(Session& session, const FilesWanted& wanted, FileTaker& taker, const Transferred& transferred,
                   Cancellation& cancellation) {
  if (!session.serves("/moby.filesync.v1.FileSync/DiffCopy")) throw std::runtime_error("no local sources enabled");
  grpc::ClientContext context;
  add_list(context, "include-patterns", wanted.include);
  add_list(context, "exclude-patterns", wanted.exclude);
  add_list(context, "followpaths", wanted.follow);
  add_list(context, "dir-name", {wanted.name});
  const Cancellation::Hook hook(cancellation, [&context] { context.TryCancel(); });
  const auto stub = moby::filesync::v1::FileSync::NewStub(session.channel());
  const auto stream = stub->DiffCopy(&context);
  GrpcPackets packets(*stream);
  std::exception_ptr failure;
  try {
    receive_packets(packets, taker, transferred);
  } catch (...) {
    failure = std::current_exception();
    context.TryCancel();
    Packet rest;
    while (stream->Read(&rest)) {
    }
  }
  const grpc::Status status = stream->Finish();
  cancellation.check();
  // The client's own reason says more than that it ended early.
  if (!status.ok() && status.error_code() != grpc::StatusCode::CANCELLED) throw std::runtime_error(status.error_message());
  if (failure) std::rethrow_exception(failure);
}

} // namespace gantry::buildkit
