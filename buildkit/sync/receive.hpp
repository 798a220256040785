#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "buildkit/cancellation.hpp"
#include "filesync.pb.h"

namespace gantry::buildkit {

class Session;

/// What is asked of a directory that the client offers by a name ("context", "dockerfile" …). The patterns are applied on its
/// side.
struct FilesWanted {
  std::string name;
  std::vector<std::string> include{}, exclude{}, follow{};
};

/// Takes files in the order of their names: a file's `entry`, then for a regular one that is no hard link its content, `size`
/// bytes.
class FileTaker {
 public:
  virtual ~FileTaker() = default;
  virtual void entry(const fsutil::types::Stat& stat, std::int64_t size) = 0;
  virtual void data(std::string_view bytes) = 0;
};

/// The other side of fsutil's protocol, as far as receiving goes: packets in, packets out. Abstract, so that tests can be a
/// hostile client.
class PacketStream {
 public:
  virtual ~PacketStream() = default;
  virtual bool read(moby::filesync::v1::Packet& packet) = 0; ///< false at the end
  virtual bool write(const moby::filesync::v1::Packet& packet) = 0;
};

/// Called with the bytes that have come so far.
using Transferred = std::function<void(std::int64_t)>;

/// Receives all files of a stream. Memory: names as far as they run ahead of the contents, within Listing's limits, and
/// `ahead_bytes_max` of small files. Throws std::runtime_error when the client errs.
void receive_packets(PacketStream& stream, FileTaker& taker, const Transferred& transferred);

/// The same of a session. Throws Cancelled, too.
void receive_files(Session& session, const FilesWanted& wanted, FileTaker& taker, const Transferred& transferred,
                   Cancellation& cancellation);

} // namespace gantry::buildkit
