#include "support/http_client.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace gantry::test {

namespace {

constexpr int deadline_ms = 30'000;

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

} // namespace

std::string HttpReply::header(const std::string& name) const {
  const auto found = headers.find(lower(name));
  return found == headers.end() ? "" : found->second;
}

HttpClient::HttpClient(std::string socket_path) : path_(std::move(socket_path)) {}

HttpClient::HttpClient(HttpClient&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)), buffer_(std::move(other.buffer_)) {}

HttpClient::~HttpClient() { disconnect(); }

void HttpClient::disconnect() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
  buffer_.clear();
}

void HttpClient::connect() {
  if (fd_ >= 0) return;
  fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path_.c_str(), sizeof address.sun_path - 1);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("connect " + path_ + ": " + std::strerror(errno));
}

void HttpClient::send(std::string_view bytes) {
  connect();
  while (!bytes.empty()) {
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) throw std::runtime_error(std::string("send: ") + std::strerror(errno));
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool HttpClient::fill() {
  pollfd readiness{fd_, POLLIN, 0};
  if (::poll(&readiness, 1, deadline_ms) <= 0) throw std::runtime_error("the server did not send anything in time");
  char bytes[65536];
  const auto got = ::recv(fd_, bytes, sizeof bytes, 0);
  if (got <= 0) return false;
  buffer_.append(bytes, static_cast<std::size_t>(got));
  return true;
}

std::string HttpClient::read_line() {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n")) == std::string::npos)
    if (!fill()) throw std::runtime_error("the connection ended within a line: " + buffer_);
  auto line = buffer_.substr(0, end);
  buffer_.erase(0, end + 2);
  return line;
}

std::string HttpClient::read_bytes(std::size_t count) {
  while (buffer_.size() < count)
    if (!fill()) throw std::runtime_error("the connection ended early");
  auto bytes = buffer_.substr(0, count);
  buffer_.erase(0, count);
  return bytes;
}

std::string HttpClient::read_to_end() {
  while (fill()) {
  }
  return std::exchange(buffer_, {});
}

bool HttpClient::closed() {
  while (fill()) {
  }
  return true;
}

void HttpClient::shutdown_write() { ::shutdown(fd_, SHUT_WR); }

HttpReply HttpClient::read_head() {
  HttpReply reply;
  const auto status = read_line();
  if (!status.starts_with("HTTP/1.1 ") || status.size() < 12) throw std::runtime_error("not a status line: " + status);
  reply.status = std::stoi(status.substr(9, 3));
  reply.reason = status.size() > 13 ? status.substr(13) : "";
  for (auto line = read_line(); !line.empty(); line = read_line()) {
    const auto colon = line.find(": ");
    if (colon == std::string::npos) throw std::runtime_error("not a header: " + line);
    reply.headers[lower(line.substr(0, colon))] = line.substr(colon + 2);
  }
  return reply;
}

std::string HttpClient::read_chunk() {
  const auto size = std::stoul(read_line(), nullptr, 16);
  auto bytes = read_bytes(size);
  if (!read_line().empty()) throw std::runtime_error("a chunk is longer than it says");
  return bytes;
}

HttpReply HttpClient::read_reply(bool without_body) {
  auto reply = read_head();
  if (without_body || reply.status == 204 || reply.status == 304) return reply;
  if (reply.header("transfer-encoding") == "chunked") {
    for (auto chunk = read_chunk(); !chunk.empty(); chunk = read_chunk()) reply.body += chunk;
  } else if (const auto length = reply.header("content-length"); !length.empty()) {
    reply.body = read_bytes(std::stoul(length));
  } else {
    reply.body = read_to_end();
  }
  if (reply.header("connection") == "close") disconnect();
  return reply;
}

void HttpClient::send_request(const std::string& method, const std::string& target, const Headers& headers,
                              const std::string& body) {
  auto text = method + ' ' + target + " HTTP/1.1\r\nHost: gantry\r\n";
  for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
  if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  send(text + "\r\n" + body);
}

HttpReply HttpClient::request(const std::string& method, const std::string& target, const Headers& headers,
                              const std::string& body) {
  send_request(method, target, headers, body);
  return read_reply(method == "HEAD");
}

HttpReply HttpClient::post_json(const std::string& target, const std::string& json) {
  return request("POST", target, {{"Content-Type", "application/json"}}, json);
}

std::string frames_of(std::string_view bytes, int stream) {
  std::string payload;
  while (bytes.size() >= 8) {
    const auto byte = [&](int i) {
      return static_cast<std::size_t>(static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)]));
    };
    const auto size = byte(4) << 24 | byte(5) << 16 | byte(6) << 8 | byte(7);
    if (bytes.size() < 8 + size) throw std::runtime_error("a frame is cut off");
    if (bytes[0] == stream) payload += bytes.substr(8, size);
    bytes.remove_prefix(8 + size);
  }
  if (!bytes.empty()) throw std::runtime_error("a frame's head is cut off");
  return payload;
}

} // namespace gantry::test
