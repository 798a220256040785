#include "buildkit/progress/progress.hpp"

#include <time.h>

#include "buildkit/encoding.hpp"

namespace gantry::buildkit {
namespace {

constexpr std::size_t vertexes_max = 20000, statuses_max = 1000;

void set_now(google::protobuf::Timestamp* time) {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  time->set_seconds(now.tv_sec);
  time->set_nanos(static_cast<int>(now.tv_nsec));
}

/// Fields of messages are UTF-8: clients refuse the message otherwise.
std::string utf8(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t size = lead < 0x80                   ? 1
                             : lead >= 0xc2 && lead < 0xe0 ? 2
                             : lead >= 0xe0 && lead < 0xf0 ? 3
                             : lead >= 0xf0 && lead < 0xf5 ? 4
                                                           : 0;
    bool good = size > 0 && at + size <= text.size();
    for (std::size_t i = 1; good && i < size; ++i) good = (static_cast<unsigned char>(text[at + i]) & 0xc0) == 0x80;
    if (good && size == 3) { // neither overlong nor a surrogate
      const auto second = static_cast<unsigned char>(text[at + 1]);
      good = !(lead == 0xe0 && second < 0xa0) && !(lead == 0xed && second >= 0xa0);
    }
    if (good && size == 4) {
      const auto second = static_cast<unsigned char>(text[at + 1]);
      good = !(lead == 0xf0 && second < 0x90) && !(lead == 0xf4 && second >= 0x90);
    }
    if (good) {
      out.append(text, at, size);
      at += size;
    } else {
      out += "\xef\xbf\xbd";
      ++at;
    }
  }
  return out;
}

} // namespace

Progress::Vertex* Progress::find(const std::string& vertex) {
  for (auto it = vertexes_.rbegin(); it != vertexes_.rend(); ++it)
    if (it->digest == vertex) return &*it;
  return nullptr;
}

void Progress::push(wire::StatusResponse response) {
  size_ += response.ByteSizeLong() + 64;
  told_.push_back(std::move(response));
  while (size_ > max && !told_.empty()) {
    size_ -= told_.front().ByteSizeLong() + 64;
    told_.pop_front();
    ++first_;
  }
  changed_.notify_all();
}

std::string Progress::announce(const std::string& key, const std::string& name) {
  std::string digest = sha256(build_ + "\n" + key);
  const std::lock_guard lock(guard_);
  if (find(digest) != nullptr || vertexes_.size() >= vertexes_max) return digest;
  Vertex& vertex = vertexes_.emplace_back();
  vertex.digest = digest;
  vertex.last.set_digest(digest);
  vertex.last.set_name(utf8(name));
  return digest;
}

void Progress::start(const std::string& digest) {
  const std::lock_guard lock(guard_);
  Vertex* vertex = find(digest);
  if (vertex == nullptr || vertex->last.has_started()) return;
  set_now(vertex->last.mutable_started());
  wire::StatusResponse response;
  *response.add_vertexes() = vertex->last;
  push(std::move(response));
}

void Progress::finish(const std::string& digest, const std::string& error, bool cached) {
  const std::lock_guard lock(guard_);
  Vertex* vertex = find(digest);
  if (vertex == nullptr || vertex->last.has_completed()) return;
  if (!vertex->last.has_started()) set_now(vertex->last.mutable_started());
  set_now(vertex->last.mutable_completed());
  vertex->last.set_error(utf8(error));
  vertex->last.set_cached(cached);
  wire::StatusResponse response;
  *response.add_vertexes() = vertex->last;
  push(std::move(response));
}

bool Progress::finished(const std::string& digest) {
  const std::lock_guard lock(guard_);
  const Vertex* vertex = find(digest);
  return vertex != nullptr && vertex->last.has_completed();
}

void Progress::status(const std::string& digest, const std::string& id, std::int64_t current, std::int64_t total, bool done,
                      const std::string& name) {
  const std::lock_guard lock(guard_);
  Vertex* vertex = find(digest);
  if (vertex == nullptr) return;
  auto it = vertex->statuses.begin();
  while (it != vertex->statuses.end() && it->first != id) ++it;
  if (it == vertex->statuses.end()) {
    if (vertex->statuses.size() >= statuses_max) return;
    it = vertex->statuses.emplace(it, id, wire::VertexStatus());
    it->second.set_id(utf8(id));
    it->second.set_vertex(digest);
    it->second.set_name(utf8(name));
    set_now(it->second.mutable_started());
  }
  it->second.set_current(current);
  it->second.set_total(total);
  set_now(it->second.mutable_timestamp());
  if (done) set_now(it->second.mutable_completed());
  wire::StatusResponse response;
  *response.add_statuses() = it->second;
  push(std::move(response));
}

void Progress::log(const std::string& digest, const std::string& text, int stream) {
  wire::StatusResponse response;
  auto* line = response.add_logs();
  line->set_vertex(digest);
  set_now(line->mutable_timestamp());
  line->set_stream(stream);
  line->set_msg(text);
  const std::lock_guard lock(guard_);
  push(std::move(response));
}

void Progress::warn(wire::VertexWarning warning) {
  wire::StatusResponse response;
  *response.add_warnings() = std::move(warning);
  const std::lock_guard lock(guard_);
  push(std::move(response));
}

void Progress::finish_all(const std::string& error) {
  std::vector<std::string> open;
  {
    const std::lock_guard lock(guard_);
    for (const Vertex& vertex : vertexes_)
      if (vertex.last.has_started() && !vertex.last.has_completed()) open.push_back(vertex.digest);
  }
  for (const auto& vertex : open) finish(vertex, error);
}

void Progress::close() {
  const std::lock_guard lock(guard_);
  closed_ = true;
  changed_.notify_all();
}

bool Progress::next(std::uint64_t& at, wire::StatusResponse& out, bool& ended, std::chrono::milliseconds patience) {
  std::unique_lock lock(guard_);
  changed_.wait_for(lock, patience, [&] { return closed_ || at < first_ + told_.size(); });
  at = std::max(at, first_);
  if (at < first_ + told_.size()) {
    out = told_[at - first_];
    ++at;
    return true;
  }
  ended = closed_;
  return false;
}

} // namespace gantry::buildkit
