#include "dns/server.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cstring>
#include <nlohmann/json.hpp>

namespace gantry::dns {

namespace {

using Json = nlohmann::json;

Endpoint endpoint_from(const Json& json) {
  Endpoint endpoint;
  endpoint.id = json.at("id").get<std::string>();
  endpoint.container = json.at("container").get<std::string>();
  endpoint.network = json.at("network").get<std::string>();
  endpoint.network_name = json.value("network_name", "");
  endpoint.ipv4 = json.value("ipv4", "");
  endpoint.ipv6 = json.value("ipv6", "");
  endpoint.names = json.value("names", std::vector<std::string>());
  endpoint.links = json.value("links", std::map<std::string, std::string>());
  endpoint.internal = json.value("internal", false);
  return endpoint;
}

ContainerSettings settings_from(const Json& json) {
  ContainerSettings settings;
  settings.id = json.at("container").get<std::string>();
  settings.ndots = json.value("ndots", false);
  for (const Json& server : json.value("servers", Json::array()))
    settings.servers.push_back({server.value("address", ""), server.value("host", false)});
  return settings;
}

/// A packet with its descriptors; empty at the end of the connection.
std::string receive(int fd, std::vector<UniqueFd>& fds) {
  std::string packet(Server::max_packet, '\0');
  iovec part{packet.data(), packet.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * 4)];
  msghdr head{};
  head.msg_iov = &part;
  head.msg_iovlen = 1;
  head.msg_control = control;
  head.msg_controllen = sizeof control;
  const ssize_t n = ::recvmsg(fd, &head, MSG_CMSG_CLOEXEC);
  if (n <= 0) return "";
  for (cmsghdr* item = CMSG_FIRSTHDR(&head); item != nullptr; item = CMSG_NXTHDR(&head, item)) {
    if (item->cmsg_level != SOL_SOCKET || item->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (item->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int number = -1;
      std::memcpy(&number, CMSG_DATA(item) + i * sizeof(int), sizeof number);
      fds.emplace_back(number);
    }
  }
  packet.resize(static_cast<std::size_t>(n));
  return packet;
}

} // namespace

Server::Server(Loop& loop, UniqueFd listener) : loop_(loop), listener_(std::move(listener)), forwarder_(loop) {
  loop_.add(listener_.get(), EPOLLIN, [this](std::uint32_t) { on_connection(); });
}

Server::~Server() = default;

void Server::on_connection() {
  UniqueFd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!fd) return;
  const int number = fd.get();
  clients_[number] = std::move(fd);
  loop_.add(number, EPOLLIN, [this, number](std::uint32_t) { on_packet(number); });
}

void Server::on_packet(int fd) {
  std::vector<UniqueFd> fds;
  const std::string packet = receive(fd, fds);
  if (packet.empty()) return drop_client(fd);
  Json answer;
  try {
    answer = handle(Json::parse(packet), std::move(fds));
  } catch (const std::exception& e) {
    answer = {{"error", e.what()}};
  }
  const std::string text = answer.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (::send(fd, text.data(), text.size(), MSG_NOSIGNAL) < 0) drop_client(fd);
}

void Server::drop_client(int fd) {
  loop_.remove(fd);
  clients_.erase(fd);
  stop_when_idle();
}

void Server::stop_when_idle() {
  if (clients_.empty() && served_.empty()) loop_.stop();
}

Json Server::handle(const Json& request, std::vector<UniqueFd> fds) {
  const std::string op = request.at("op").get<std::string>();
  Json answer{{"ok", true}};
  if (op == "hello") {
    answer["version"] = protocol_version;
    answer["containers"] = Json::array();
    for (const auto& [id, served] : served_) answer["containers"].push_back(id);
  } else if (op == "add") {
    records_.add(endpoint_from(request.at("endpoint")));
  } else if (op == "remove") {
    records_.remove(request.at("id").get<std::string>());
  } else if (op == "attach") {
    attach(request, std::move(fds));
  } else if (op == "detach") {
    detach(request.at("container").get<std::string>());
  } else if (op == "keep") {
    records_.keep(request.at("endpoints").get<std::set<std::string>>());
  } else if (op == "quit") {
    if (served_.empty()) loop_.stop();
  } else {
    throw std::runtime_error("gantry-dns does not know \"" + op + "\"");
  }
  return answer;
}

void Server::attach(const Json& request, std::vector<UniqueFd> fds) {
  ContainerSettings settings = settings_from(request);
  const std::string id = settings.id;
  if (const auto known = served_.find(id); known != served_.end()) {
    known->second.container->set(std::move(settings));
    return;
  }
  if (fds.size() != 2) throw std::runtime_error("attach needs two descriptors");
  Served served;
  served.container = std::make_unique<Container>(loop_, forwarder_, records_, std::move(settings), std::move(fds[0]));
  served.process = std::move(fds[1]);
  const int process = served.process.get();
  // Its namespace would live as long as our sockets.
  loop_.add(process, EPOLLIN, [this, id](std::uint32_t) {
    detach(id);
    stop_when_idle();
  });
  served_.emplace(id, std::move(served));
}

void Server::detach(const std::string& container) {
  const auto found = served_.find(container);
  if (found == served_.end()) return;
  loop_.remove(found->second.process.get());
  served_.erase(found);
}

} // namespace gantry::dns
