#include "support/http_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cctype>
#include <stdexcept>

namespace gantry::test {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

int bound_socket(int& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("cannot bind to loopback");
  port = ntohs(address.sin_port);
  return fd;
}

bool fill(int fd, std::string& buffer) {
  char bytes[65536];
  const auto n = ::recv(fd, bytes, sizeof bytes, 0);
  if (n > 0) buffer.append(bytes, static_cast<std::size_t>(n));
  return n > 0;
}

std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

void send_all(int fd, const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const auto n = ::send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return;
    sent += static_cast<std::size_t>(n);
  }
}

/// False when the client left before its request was complete.
bool read_request(int fd, ServedRequest& request) {
  std::string buffer;
  std::size_t end = 0;
  while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
    if (!fill(fd, buffer)) return false;
    if (buffer[0] == '\x16') { // TLS: answered as Go's servers do
      send_all(fd, "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n");
      return false;
    }
  }
  const auto first = buffer.find(' '), second = buffer.find(' ', first + 1);
  request.method = buffer.substr(0, first);
  request.target = buffer.substr(first + 1, second - first - 1);
  for (auto at = buffer.find("\r\n") + 2; at < end;) {
    const auto stop = buffer.find("\r\n", at), colon = buffer.find(':', at);
    if (colon < stop) request.headers[lower_case(buffer.substr(at, colon - at))] = buffer.substr(colon + 2, stop - colon - 2);
    at = stop + 2;
  }
  const auto length = request.header("content-length");
  const std::size_t size = length.empty() ? 0 : std::stoul(length);
  buffer.erase(0, end + 4);
  while (buffer.size() < size)
    if (!fill(fd, buffer)) break;
  request.body = buffer; // what arrived, whole or not
  return true;
}

} // namespace

void Peer::send(const std::string& bytes) const { send_all(fd_, bytes); }

void Peer::reply(int status, const std::vector<std::string>& headers, const std::string& body) const {
  std::string head = "HTTP/1.1 " + std::to_string(status) + " Status\r\nConnection: close\r\n";
  for (const auto& header : headers) head += header + "\r\n";
  send(head + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
}

void Peer::hang() const {
  pollfd gone{fd_, POLLRDHUP, 0};
  while (!stopping_ && ::poll(&gone, 1, 20) == 0) {
  }
}

HttpServer::HttpServer(Handler handler) : handler_(std::move(handler)) {
  listener_ = bound_socket(port_);
  if (::listen(listener_, 64) != 0) throw std::runtime_error("cannot listen on loopback");
  acceptor_ = std::thread([this] { accept_all(); });
}

HttpServer::~HttpServer() {
  stopping_ = true;
  acceptor_.join();
  for (auto& thread : threads_) thread.join();
  ::close(listener_);
}

void HttpServer::accept_all() {
  while (!stopping_) {
    pollfd ready{listener_, POLLIN, 0};
    if (::poll(&ready, 1, 20) <= 0) continue;
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    const timeval patience{30, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    threads_.emplace_back([this, fd] { serve(fd); });
  }
}

void HttpServer::serve(int fd) {
  ServedRequest request;
  if (read_request(fd, request)) {
    {
      std::lock_guard lock(guard_);
      requests_.push_back(request);
    }
    handler_(request, Peer(fd, stopping_));
  }
  ::close(fd);
}

std::vector<ServedRequest> HttpServer::requests() const {
  std::lock_guard lock(guard_);
  return requests_;
}

int HttpServer::count(const std::string& method, const std::string& part) const {
  int found = 0;
  for (const auto& request : requests()) found += request.is(method, part) ? 1 : 0;
  return found;
}

void HttpServer::clear_requests() {
  std::lock_guard lock(guard_);
  requests_.clear();
}

void FaultProxy::set(Fault fault) {
  std::lock_guard lock(guard_);
  fault_ = std::move(fault);
}

void FaultProxy::handle(const ServedRequest& request, const Peer& peer) {
  Fault fault;
  {
    std::lock_guard lock(guard_);
    fault = fault_;
  }
  if (fault && fault(request, peer, *this)) return;
  const auto reply = forward(request);
  peer.send(reply.head + reply.body);
}

ForwardedReply FaultProxy::forward(const ServedRequest& request) const {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback(upstream_);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(fd);
    return {"HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", ""};
  }
  std::string head = request.method + " " + request.target + " HTTP/1.1\r\n";
  for (const auto& [name, value] : request.headers)
    if (name != "connection" && name != "content-length") head += name + ": " + value + "\r\n";
  head += "Connection: close\r\nContent-Length: " + std::to_string(request.body.size()) + "\r\n\r\n";
  send_all(fd, head + request.body);
  std::string bytes;
  while (fill(fd, bytes)) {
  }
  ::close(fd);
  const auto end = bytes.find("\r\n\r\n");
  if (end == std::string::npos) return {bytes, ""};
  return {bytes.substr(0, end + 4), bytes.substr(end + 4)};
}

int free_port() {
  int port = 0;
  ::close(bound_socket(port));
  return port;
}

} // namespace gantry::test
