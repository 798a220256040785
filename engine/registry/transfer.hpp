#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "registry/cancel.hpp"

// One HTTP exchange over libcurl. Nothing is followed, retried or authorised here.
namespace gantry::registry {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// How a host is reached.
struct Transport {
  bool verify = true;    ///< TLS certificates are checked
  std::string ca_pem;    ///< certificates that are trusted; empty: the system's
  std::string cert_file; ///< client certificate and key, empty: none
  std::string key_file;
  std::string http_proxy; ///< URL of the proxy for http, empty: none
  std::string https_proxy;
  std::string no_proxy;        ///< hosts without proxy, comma-separated; this machine never has one
  std::int64_t connect_s = 30; ///< seconds until a connection must stand
  std::int64_t stall_s = 60;   ///< seconds without a byte until an exchange is given up
};

struct HttpResponse {
  int status = 0;
  std::string reason; ///< "Not Found"
  Headers headers;    ///< names in lower case
  std::string body;   ///< unless it went to the sink
  /// First header of that name (in lower case), empty when there is none.
  std::string header(std::string_view name) const;
  std::vector<std::string> all(std::string_view name) const;
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  Headers headers{};
  std::string body{}; ///< small bodies
  /// Large bodies: `read` fills a buffer and returns how much; `size` bytes in all.
  std::function<std::size_t(char*, std::size_t)> read{};
  std::uint64_t size = 0;
  /// Gets the body of a 2xx answer piece by piece, the head with each; throws to end the exchange. Other answers, and all without
  /// a sink, are collected in `body`.
  std::function<void(const HttpResponse&, std::string_view)> sink{};
  std::size_t body_max = 4 << 20; ///< of what is collected; more is an error
};

/// What went wrong below HTTP. `retry`: the same request may do better.
class TransferError;

/// Connections of one operation, kept open between its exchanges. Thread-safe: concurrent exchanges use one each.
class Transfers {
 public:
  Transfers();
  ~Transfers();

  /// Blocks. Throws TransferError, what a callback threw, or cancelled. `why` names the exchange in errors ("Get \"URL\"").
  HttpResponse exchange(const HttpRequest&, const Transport&, Cancel&);

 private:
  struct Wire;
  std::unique_ptr<Wire> take();
  void give(std::unique_ptr<Wire>);

  std::mutex guard_;
  std::vector<std::unique_ptr<Wire>> idle_;
};

} // namespace gantry::registry
