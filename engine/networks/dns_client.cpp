#include "networks/dns_client.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <array>
#include <cstring>

#include "base/error.hpp"
#include "base/log.hpp"

namespace gantry::networks {
namespace {

constexpr std::size_t max_packet = 128 << 10;
constexpr timeval patience{10, 0};

void send_packet(int fd, const std::string& text, const std::vector<int>& fds) {
  iovec part{const_cast<char*>(text.data()), text.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * 2)> control{};
  msghdr head{};
  head.msg_iov = &part;
  head.msg_iovlen = 1;
  if (!fds.empty()) {
    head.msg_control = control.data();
    head.msg_controllen = CMSG_SPACE(sizeof(int) * fds.size());
    cmsghdr* item = CMSG_FIRSTHDR(&head);
    item->cmsg_level = SOL_SOCKET;
    item->cmsg_type = SCM_RIGHTS;
    item->cmsg_len = CMSG_LEN(sizeof(int) * fds.size());
    std::memcpy(CMSG_DATA(item), fds.data(), sizeof(int) * fds.size());
  }
  if (::sendmsg(fd, &head, MSG_NOSIGNAL) < 0) throw os_error("send to gantry-dns", errno);
}

} // namespace

DnsClient::DnsClient(std::string program, std::string socket) : program_(std::move(program)), socket_(std::move(socket)) {}

DnsClient::~DnsClient() {
  {
    const std::lock_guard lock(guard_);
    stopped_ = true;
    const std::uint64_t one = 1;
    if (wake_) (void)!::write(wake_.get(), &one, sizeof one);
  }
  if (watcher_.joinable()) watcher_.join();
  if (!connection_ || !containers_.empty()) return;
  // Nobody needs it: it is gone when this daemon is.
  try {
    (void)exchange({{"op", "quit"}}, {});
    char end = 0;
    (void)!::recv(connection_.get(), &end, 1, 0);
  } catch (const std::exception&) {
    return; // it has gone already
  }
}

void DnsClient::start_program() const {
  std::string program = program_, socket = socket_;
  char* const argv[] = {program.data(), socket.data(), nullptr};
  pid_t pid = 0;
  if (const int error = ::posix_spawn(&pid, program.c_str(), nullptr, nullptr, argv, environ); error != 0)
    throw os_error("start " + program_, error);
  // It goes into the background when its socket is there.
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) throw os_error("wait for " + program_, errno);
  }
  if (status != 0) throw unavailable(program_ + " did not start");
}

bool DnsClient::try_connect() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_.size() >= sizeof address.sun_path) throw invalid("the path of a socket is too long: " + socket_);
  std::memcpy(address.sun_path, socket_.c_str(), socket_.size() + 1);
  UniqueFd fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!fd) throw os_error("make a socket", errno);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return false;
  connection_ = std::move(fd);
  try {
    (void)exchange({{"op", "hello"}}, {});
  } catch (const Error&) {
    connection_.reset();
    return false; // it was about to end
  }
  return true;
}

void DnsClient::connect() {
  if (!try_connect()) {
    start_program();
    if (!try_connect()) throw os_error("connect to gantry-dns", errno);
  }
  if (!wake_) wake_.reset(::eventfd(0, EFD_CLOEXEC));
  const std::uint64_t one = 1;
  (void)!::write(wake_.get(), &one, sizeof one);
  if (!watcher_.joinable()) watcher_ = std::thread([this] { watch(); });
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
  send_packet(connection_.get(), message.dump(-1, ' ', false, Json::error_handler_t::replace), fds);
  std::string answer(max_packet, '\0');
  ssize_t n = 0;
  while ((n = ::recv(connection_.get(), answer.data(), answer.size(), 0)) < 0 && errno == EINTR) {
  }
  if (n <= 0) throw os_error("gantry-dns does not answer", n == 0 ? ECONNRESET : errno);
  answer.resize(static_cast<std::size_t>(n));
  const Json json = Json::parse(answer, nullptr, false);
  if (!json.is_object()) throw internal("gantry-dns answers nonsense");
  if (json.contains("error")) throw internal("gantry-dns: " + json.value("error", ""));
  return json;
}

Json DnsClient::ask(const Json& message, const std::vector<int>& fds) {
  if (!connection_) {
    connect();
    // What is asked for is among what it was told now, but for its descriptors.
  }
  try {
    return exchange(message, fds);
  } catch (const Error& e) {
    if (e.os_errno() == 0) throw;
    connection_.reset();
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
  if (!connection_) connect();
  try {
    send_attach(attached);
  } catch (const Error& e) {
    if (e.os_errno() == 0) throw;
    connection_.reset();
    connect();
    send_attach(attached);
  }
  containers_[container] = std::move(attached);
}

void DnsClient::keep_known() {
  const std::lock_guard lock(guard_);
  // Nobody is there, and nobody is needed.
  if (program_.empty() || (!connection_ && endpoints_.empty() && !try_connect())) return;
  Json ids = Json::array();
  for (const auto& [id, endpoint] : endpoints_) ids.push_back(id);
  (void)ask({{"op", "keep"}, {"endpoints", ids}});
}

void DnsClient::watch() {
  for (;;) {
    UniqueFd watched;
    int wake = -1;
    {
      const std::lock_guard lock(guard_);
      if (stopped_) return;
      if (connection_) watched.reset(::fcntl(connection_.get(), F_DUPFD_CLOEXEC, 0));
      wake = wake_.get();
    }
    pollfd wait[2] = {{wake, POLLIN, 0}, {watched.get(), 0, 0}};
    if (::poll(wait, 2, -1) < 0) continue;
    std::uint64_t count = 0;
    if (wait[0].revents != 0) (void)!::read(wake, &count, sizeof count);
    if (wait[1].revents == 0) continue;
    const std::lock_guard lock(guard_);
    if (stopped_) return;
    connection_.reset();
    if (endpoints_.empty()) continue;
    log::warn("gantry-dns has ended, and is started again");
    try {
      connect();
    } catch (const std::exception& e) {
      // The next container that starts tries again.
      log::error(std::string("start gantry-dns: ") + e.what());
    }
  }
}

} // namespace gantry::networks
