#include "networks/dns_client.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/log.hpp"

namespace gantry::networks {

DnsClient::DnsClient(std::string program, std::string socket)
    : program_(program), companion_(std::move(program), std::move(socket), R"({"op":"hello"})", [this] { start_again(); }) {}

DnsClient::~DnsClient() {
  companion_.stop_watching();
  if (!companion_.is_connected() || !containers_.empty()) return;
  // Nobody needs it: it is gone when this daemon is.
  try {
    (void)exchange({{"op", "quit"}}, {});
    companion_.wait_for_end();
  } catch (const std::exception&) {
    return; // it has gone already
  }
}

void DnsClient::connect() {
  (void)companion_.connect();
  tell_everything();
}

void DnsClient::tell_everything() {
  for (const auto& [id, endpoint] : endpoints_) (void)exchange({{"op", "add"}, {"endpoint", endpoint}}, {});
  for (const auto& [id, attached] : containers_) {
    try {
      send_attach(attached);
    } catch (const Error& e) {
      log::warn("container " + id + ": name resolution: " + e.what());
    }
  }
}

void DnsClient::send_attach(const Attached& attached) {
  const std::string path = "/proc/" + std::to_string(attached.pid) + "/ns/net";
  const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, attached.pid, 0)));
  const UniqueFd netns(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!process || !netns) throw os_error("open " + path, errno);
  (void)exchange(attached.settings, {netns.get(), process.get()});
}

Json DnsClient::exchange(const Json& message, const std::vector<int>& fds) {
  const Json json =
      Json::parse(companion_.exchange(message.dump(-1, ' ', false, Json::error_handler_t::replace), fds), nullptr, false);
  if (!json.is_object()) throw internal("gantry-dns answers nonsense");
  if (json.contains("error")) throw internal("gantry-dns: " + json.value("error", ""));
  return json;
}

Json DnsClient::ask(const Json& message, const std::vector<int>& fds) {
  if (!companion_.is_connected()) {
    connect();
    // What is asked for is among what it was told now, but for its descriptors.
  }
  try {
    return exchange(message, fds);
  } catch (const Error& e) {
    if (e.os_errno() == 0) throw;
  }
  connect();
  return exchange(message, fds);
}

void DnsClient::add(const Json& endpoint) {
  if (program_.empty()) return;
  const std::lock_guard lock(guard_);
  endpoints_[endpoint.at("id").get<std::string>()] = endpoint;
  (void)ask({{"op", "add"}, {"endpoint", endpoint}});
}

void DnsClient::remove(const std::string& endpoint_id) {
  const std::lock_guard lock(guard_);
  const auto found = endpoints_.find(endpoint_id);
  if (found == endpoints_.end()) return;
  const std::string container = found->second.at("container").get<std::string>();
  endpoints_.erase(found);
  (void)ask({{"op", "remove"}, {"id", endpoint_id}});
  for (const auto& [id, endpoint] : endpoints_)
    if (endpoint.at("container") == container) return;
  if (containers_.erase(container) != 0) (void)ask({{"op", "detach"}, {"container", container}});
}

void DnsClient::attach(const std::string& container, std::int32_t pid, const Json& settings) {
  if (program_.empty()) return;
  const std::lock_guard lock(guard_);
  Attached attached{pid, settings};
  if (!companion_.is_connected()) connect();
  try {
    send_attach(attached);
  } catch (const Error& e) {
    if (e.os_errno() == 0) throw;
    connect();
    send_attach(attached);
  }
  containers_[container] = std::move(attached);
}

void DnsClient::keep_known() {
  const std::lock_guard lock(guard_);
  // Nobody is there, and nobody is needed.
  if (program_.empty() || (!companion_.is_connected() && endpoints_.empty() && !companion_.find())) return;
  Json ids = Json::array();
  for (const auto& [id, endpoint] : endpoints_) ids.push_back(id);
  (void)ask({{"op", "keep"}, {"endpoints", ids}});
}

void DnsClient::start_again() {
  const std::lock_guard lock(guard_);
  if (companion_.is_alive()) return;
  companion_.disconnect();
  if (endpoints_.empty()) return;
  log::warn("gantry-dns has ended, and is started again");
  try {
    connect();
  } catch (const std::exception& e) {
    // The next container that starts tries again.
    log::error(std::string("start gantry-dns: ") + e.what());
  }
}

} // namespace gantry::networks
