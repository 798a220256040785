#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace gantry::test {

struct ServedRequest {
  std::string method, target, body;
  std::map<std::string, std::string> headers; ///< names in lower case

  std::string header(const std::string& name) const {
    const auto at = headers.find(name);
    return at == headers.end() ? "" : at->second;
  }
  std::string line() const { return method + " " + target; }
  bool is(const std::string& wanted_method, const std::string& part) const {
    return method == wanted_method && target.find(part) != std::string::npos;
  }
};

/// What the server has to say, well-formed or not.
class Peer {
 public:
  Peer(int fd, const std::atomic<bool>& stopping) : fd_(fd), stopping_(stopping) {}
  void send(const std::string& bytes) const;
  void reply(int status, const std::vector<std::string>& headers, const std::string& body) const;
  /// Says nothing until the client leaves or the server ends.
  void hang() const;

 private:
  int fd_;
  const std::atomic<bool>& stopping_;
};

/// A tiny HTTP server on loopback: a thread and one request per connection.
class HttpServer {
 public:
  using Handler = std::function<void(const ServedRequest&, const Peer&)>;
  explicit HttpServer(Handler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const { return port_; }
  std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
  std::vector<ServedRequest> requests() const;
  /// How many requests were like that.
  int count(const std::string& method, const std::string& part) const;
  void clear_requests();

 private:
  void accept_all();
  void serve(int fd);

  Handler handler_;
  int listener_ = -1, port_ = 0;
  std::atomic<bool> stopping_ = false;
  mutable std::mutex guard_;
  std::vector<ServedRequest> requests_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

/// A reply as the server behind a proxy gave it.
struct ForwardedReply {
  std::string head; ///< up to and with the empty line
  std::string body;
};

/// Stands in front of a real registry and breaks what `fault` says: it returns true for requests that it answered itself.
class FaultProxy {
 public:
  using Fault = std::function<bool(const ServedRequest&, const Peer&, FaultProxy&)>;
  explicit FaultProxy(int upstream) : upstream_(upstream), server_([this](const auto& r, const auto& p) { handle(r, p); }) {}

  void set(Fault fault);
  std::string host() const { return server_.host(); }
  HttpServer& server() { return server_; }
  ForwardedReply forward(const ServedRequest&) const;

 private:
  void handle(const ServedRequest&, const Peer&);

  int upstream_;
  std::mutex guard_;
  Fault fault_;
  HttpServer server_;
};

/// A port that nobody listens on.
int free_port();

} // namespace gantry::test
