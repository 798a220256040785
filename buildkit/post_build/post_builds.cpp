#include "buildkit/post_build/post_builds.hpp"

#include <sys/socket.h>

#include <chrono>
#include <system_error>
#include <thread>

#include "buildkit/encoding.hpp"
#include "buildkit/post_build/post_build_wish.hpp"
#include "buildkit/services/guarded.hpp"
#include "buildkit/sockets.hpp"

namespace gantry::buildkit {
namespace {

constexpr std::chrono::seconds farewell(5);

bool send_line(int socket, const Json& json, const Cancellation& cancellation) {
  return send_all(socket, json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n", cancellation);
}

/// An answer that fits into the buffer of a socket that nothing has been written to.
void refuse(int socket, int status, const std::string& why) {
  const std::string line =
      Json{{"Status", status}, {"Message", why.substr(0, 4096)}}.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  (void)::send(socket, line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

/// Passes a build's progress on for as long as it goes.
class Trace {
 public:
  Trace(Progress& progress, int socket, bool quiet, const Cancellation& cancellation) {
    thread_ = std::thread([&progress, socket, quiet, &cancellation] {
      std::uint64_t at = 0;
      for (bool ended = false; !ended;) {
        wire::StatusResponse told;
        if (!progress.next(at, told, ended, std::chrono::milliseconds(500))) continue;
        if (quiet) continue;
        if (!send_line(socket, {{"id", "moby.buildkit.trace"}, {"aux", base64_encode(told.SerializeAsString())}}, cancellation))
          return;
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

PostBuilds::~PostBuilds() {
  jobs_.cancel_all();
  std::unique_lock lock(guard_);
  changed_.wait(lock, [this] { return running_ == 0; });
}

void PostBuilds::build(const std::string& query, UniqueFd connection) {
  {
    const std::lock_guard lock(guard_);
    if (running_ >= max) return refuse(connection.get(), 503, "too many builds at the same time");
    ++running_;
  }
  const auto shared = std::make_shared<UniqueFd>(std::move(connection));
  const auto over = [this] {
    const std::lock_guard lock(guard_);
    --running_;
    changed_.notify_all();
  };
  try {
    std::thread([this, query, shared, over] {
      try {
        run(query, shared->get());
      } catch (const std::exception&) { // the client has been told, or has gone
      }
      shared->reset();
      over();
    }).detach();
  } catch (const std::system_error& e) {
    over();
    refuse(shared->get(), 503, e.what());
  }
}

void PostBuilds::run(const std::string& query, int connection) {
  PostBuildWish asked;
  try {
    asked = post_build_wish(query);
  } catch (const std::exception& e) {
    refuse(connection, 400, e.what());
    return jobs_.forget(build_id_of(query));
  }
  const PostJobs::Hold own(jobs_, asked.build_id.empty() ? asked.wish.ref : asked.build_id);
  if (!send_line(connection, {{"Status", 200}}, own.job().cancellation)) return;
  std::string error;
  try {
    if (asked.upload) asked.wish.uploaded = std::make_shared<UniqueFd>(jobs_.wait_for_upload(own.job()));
    const auto build = std::make_shared<Build>(daemon_, sessions_, asked.wish);
    builds_.add(build);
    struct End { // also when a thread cannot be had
      Builds& builds;
      const std::string& ref;
      ~End() { builds.end(ref); }
    } const end_of_build{builds_, build->wish().ref};
    const Cancellation::Hook hook(own.job().cancellation, [&build] { build->cancellation().cancel(); });
    const Watch watch([connection] { return has_gone(connection); }, build->cancellation());
    std::map<std::string, std::string> told;
    {
      const Trace trace(build->progress(), connection, asked.quiet, build->cancellation());
      const grpc::Status status = guarded([&]() -> grpc::Status {
        told = build->write_out(build->solve(asked.wish.frontend, asked.wish.attributes));
        return grpc::Status::OK;
      });
      if (!status.ok()) error = status.error_message();
      builds_.end(asked.wish.ref);
    }
    if (const auto image = told.find("containerimage.digest"); error.empty() && image != told.end()) {
      send_line(
          connection,
          asked.quiet ? Json{{"stream", image->second + "\n"}} : Json{{"id", "moby.image.id"}, {"aux", {{"ID", image->second}}}},
          build->cancellation());
    }
  } catch (const std::exception& e) {
    error = e.what();
  }
  if (error.empty()) return;
  // A cancelled build is told of, too, to a client that reads.
  Cancellation patience_over;
  const auto end = std::chrono::steady_clock::now() + farewell;
  const Watch watch([connection, end] { return has_gone(connection) || std::chrono::steady_clock::now() > end; }, patience_over);
  send_line(connection, {{"errorDetail", {{"message", error}}}, {"error", error}}, patience_over);
}

void PostBuilds::sweep() { jobs_.sweep(); }

bool PostBuilds::any() {
  const std::lock_guard lock(guard_);
  return running_ > 0;
}

} // namespace gantry::buildkit
