#include "buildkit/session/sessions.hpp"

#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include <grpcpp/create_channel_posix.h>

#include "base/text.hpp"

namespace gantry::buildkit {
namespace {

constexpr int answer_max = 16 << 20;
constexpr std::size_t methods_max = 256, name_max = 256;

std::vector<std::string> values(const Json& headers, const char* name) {
  std::vector<std::string> all;
  if (!headers.is_object()) return all;
  for (const auto& [key, list] : headers.items()) {
    if (!same_in_any_case(key, name) || !list.is_array()) continue;
    for (const Json& value : list)
      if (value.is_string() && all.size() < methods_max) all.push_back(value.get<std::string>());
  }
  return all;
}

} // namespace

Session::Session(const Json& headers, UniqueFd connection) {
  const auto ids = values(headers, "X-Docker-Expose-Session-Uuid");
  if (ids.empty() || ids[0].empty() || ids[0].size() > name_max) throw std::runtime_error("a session without an id");
  id_ = ids[0];
  for (const auto& method : values(headers, "X-Docker-Expose-Session-Grpc-Method")) methods_.insert(lower(method));
  ::fcntl(connection.get(), F_SETFL, ::fcntl(connection.get(), F_GETFL) | O_NONBLOCK);
  watched_ = UniqueFd(::fcntl(connection.get(), F_DUPFD_CLOEXEC, 0));
  if (!watched_) throw std::runtime_error(std::string("a session's connection: ") + std::strerror(errno));
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(answer_max);
  arguments.SetMaxSendMessageSize(answer_max);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  channel_ = grpc::CreateCustomInsecureChannelFromFd("localhost", connection.release(), arguments);
}

bool Session::serves(const std::string& method) const { return methods_.contains(lower(method)); }

bool Sessions::add(const std::shared_ptr<Session>& session) {
  const std::lock_guard lock(guard_);
  if (sessions_.size() >= max || !sessions_.emplace(session->id(), session).second) return false;
  changed_.notify_all();
  return true;
}

void Sessions::remove(const std::string& id) {
  const std::lock_guard lock(guard_);
  sessions_.erase(id);
}

std::shared_ptr<Session> Sessions::find(const std::string& id, const Cancellation& cancellation,
                                        std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  std::unique_lock lock(guard_);
  for (;;) {
    if (const auto found = sessions_.find(id); found != sessions_.end()) return found->second;
    cancellation.check();
    if (std::chrono::steady_clock::now() > end) return nullptr;
    changed_.wait_for(lock, std::chrono::milliseconds(50));
  }
}

std::vector<std::shared_ptr<Session>> Sessions::all() {
  const std::lock_guard lock(guard_);
  std::vector<std::shared_ptr<Session>> all;
  all.reserve(sessions_.size());
  for (const auto& [id, session] : sessions_) all.push_back(session);
  return all;
}

} // namespace gantry::buildkit
