#include "buildkit/classic/classic_builds.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "buildkit/classic/classic_wish.hpp"
#include "buildkit/encoding.hpp"
#include "buildkit/services/guarded.hpp"

namespace gantry::buildkit {
namespace {

constexpr std::chrono::seconds upload_patience(5);

bool has_gone(int connection) {
  pollfd looked{connection, POLLRDHUP, 0};
  return ::poll(&looked, 1, 0) > 0 && (looked.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

bool send_line(int socket, const Json& json) {
  return send_all(socket, json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

/// Passes a build's progress on for as long as it goes.
class Trace {
 public:
  Trace(Progress& progress, int socket, bool quiet) {
    thread_ = std::thread([&progress, socket, quiet] {
      std::uint64_t at = 0;
      for (bool ended = false; !ended;) {
        wire::StatusResponse told;
        if (!progress.next(at, told, ended, std::chrono::milliseconds(500))) continue;
        if (quiet) continue;
        if (!send_line(socket, {{"id", "moby.buildkit.trace"}, {"aux", base64_encode(told.SerializeAsString())}})) return;
      }
    });
  }
  ~Trace() { thread_.join(); }
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

 private:
  std::thread thread_;
};

} // namespace

ClassicBuilds::~ClassicBuilds() {
  std::unique_lock lock(guard_);
  for (const auto& [id, job] : jobs_) job->cancellation.cancel();
  changed_.wait(lock, [this] { return running_ == 0; });
}

void ClassicBuilds::build(const std::string& query, UniqueFd connection) {
  {
    const std::lock_guard lock(guard_);
    if (running_ >= max) {
      send_line(connection.get(), {{"Status", 503}, {"Message", "too many builds at the same time"}});
      return;
    }
    ++running_;
  }
  ::fcntl(connection.get(), F_SETFL, ::fcntl(connection.get(), F_GETFL) & ~O_NONBLOCK);
  std::thread([this, query, connection = std::move(connection)]() mutable {
    try {
      run(query, std::move(connection));
    } catch (const std::exception&) { // the client has been told, or has gone
    }
    const std::lock_guard lock(guard_);
    --running_;
    changed_.notify_all();
  }).detach();
}

void ClassicBuilds::run(const std::string& query, UniqueFd connection) {
  ClassicWish classic;
  try {
    classic = classic_wish(query);
  } catch (const std::exception& e) {
    send_line(connection.get(), {{"Status", 400}, {"Message", e.what()}});
    return;
  }
  if (!send_line(connection.get(), {{"Status", 200}})) return;
  const std::string id = classic.build_id.empty() ? classic.wish.ref : classic.build_id;
  const auto own = job(id);
  std::string error;
  try {
    if (classic.upload) classic.wish.uploaded = std::make_shared<UniqueFd>(wait_for_upload(*own));
    const auto build = std::make_shared<Build>(daemon_, sessions_, classic.wish);
    builds_.add(build);
    const Cancellation::Hook hook(own->cancellation, [&build] { build->cancellation().cancel(); });
    const Watch watch([&connection] { return has_gone(connection.get()); }, build->cancellation());
    std::map<std::string, std::string> told;
    {
      const Trace trace(build->progress(), connection.get(), classic.quiet);
      const grpc::Status status = guarded([&]() -> grpc::Status {
        told = build->write_out(build->solve(classic.wish.frontend, classic.wish.attributes));
        return grpc::Status::OK;
      });
      if (!status.ok()) error = status.error_message();
      builds_.end(classic.wish.ref);
    }
    if (const auto image = told.find("containerimage.digest"); error.empty() && image != told.end()) {
      send_line(connection.get(), classic.quiet ? Json{{"stream", image->second + "\n"}}
                                                : Json{{"id", "moby.image.id"}, {"aux", {{"ID", image->second}}}});
    }
  } catch (const std::exception& e) {
    error = e.what();
  }
  if (!error.empty()) send_line(connection.get(), {{"errorDetail", {{"message", error}}}, {"error", error}});
  const std::lock_guard lock(guard_);
  jobs_.erase(id);
}

std::shared_ptr<ClassicBuilds::Job> ClassicBuilds::job(const std::string& id) {
  const std::lock_guard lock(guard_);
  auto& job = jobs_[id];
  if (!job) job = std::make_shared<Job>();
  return job;
}

UniqueFd ClassicBuilds::wait_for_upload(Job& own) {
  std::unique_lock lock(guard_);
  const bool came = changed_.wait_for(lock, upload_patience, [&] { return bool(own.upload) || own.cancellation.cancelled(); });
  own.cancellation.check();
  if (!came) throw std::runtime_error("context deadline exceeded");
  return std::move(own.upload);
}

void ClassicBuilds::upload(const std::string& id, UniqueFd connection) {
  const auto own = job(id);
  const std::lock_guard lock(guard_);
  if (jobs_.size() > 2 * max) {
    jobs_.erase(id);
    return;
  }
  own->upload = std::move(connection);
  changed_.notify_all();
}

void ClassicBuilds::cancel(const std::string& id) {
  std::shared_ptr<Job> found;
  {
    const std::lock_guard lock(guard_);
    if (const auto it = jobs_.find(id); it != jobs_.end()) found = it->second;
    changed_.notify_all();
  }
  if (found) found->cancellation.cancel();
}

bool ClassicBuilds::any() {
  const std::lock_guard lock(guard_);
  return running_ > 0;
}

} // namespace gantry::buildkit
