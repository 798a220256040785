#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/client/host.hpp"
#include "cli/client/http.hpp"
#include "cli/client/query.hpp"
#include "cli/json.hpp"

namespace gantry::cli {

struct Request {
  std::string method;
  std::string path; ///< without the API version: "/containers/json"
  Query query{};
  std::optional<Json> body{};
  std::vector<std::pair<std::string, std::string>> headers{};
};

class Client;

/// A response whose body is read as it arrives. Gives the connection back to the client when the body has ended.
class Response {
 public:
  Response(Client& client, Connection connection, Head head, bool without_body);

  int status() const noexcept { return head_.status; }
  const Head& head() const noexcept { return head_; }
  /// The next piece of the body, empty at the end.
  std::string next();
  std::string read_all();
  Json read_json();
  /// The socket, to poll together with others. Bytes may already wait in the buffer: see `buffered`.
  int fd() const noexcept { return connection_.fd.get(); }
  bool buffered() const noexcept { return !connection_.buffer.empty(); }
  /// Turns into the raw stream behind an upgrade.
  Connection hijack() && { return std::move(connection_); }

 private:
  Client& client_;
  Connection connection_;
  Head head_;
  BodyReader body_;
};

/// Talks to one daemon, one request at a time, over one connection that is kept open between requests; streams get their own.
///
/// Requests start with the newest API version that this client knows. A daemon that is older says so in its answer, and the
/// request is repeated with its version: no round trip is spent on asking.
class Client {
 public:
  static constexpr const char* newest_version = "1.51";

  explicit Client(Host host);

  /// Sends, and returns the response whatever its status. `stream`: on a connection of its own.
  Response send(const Request& request, bool stream = false);
  /// The same, but throws DaemonError for a status of 400 and above.
  Response call(const Request& request, bool stream = false);
  Json get(const std::string& path, const Query& query = {}) { return call({"GET", path, query}).read_json(); }
  /// For calls whose answer has no body of interest.
  void post(const std::string& path, const Query& query = {}) { call({"POST", path, query}).read_all(); }

  /// Sends without waiting for the answer; `receive` reads it. Two of them overlap where one would wait for the other.
  Connection begin(const Request& request, bool upgrade);
  Response receive(Connection connection, const Request& request);

  /// Sends a body piece by piece; `next` returns the next piece, empty at the end.
  Response upload(const Request& request, const std::string& content_type, const std::function<std::string()>& next);

  /// Sends `size` bytes of a file from where it is read next, inside the kernel. A file that has become shorter is a Failure.
  Response upload(const Request& request, const std::string& content_type, int file, std::uint64_t size);

  const Host& host() const noexcept { return host_; }
  /// The version in use; asks the daemon when no request was made yet.
  const std::string& negotiate();
  const std::string& version() const noexcept { return version_; }
  void keep(Connection connection) { idle_ = std::move(connection); }

 private:
  ConnectionLost during_connect(const Request& request, const TlsFailure& failure) const;
  Connection dial(const Request& request) const;
  std::string head_of(const Request& request, const std::string& extra) const;
  bool downgrade(int status, const std::string& message);

  Host host_;
  std::string version_;
  bool negotiated_ = false;
  Connection idle_;
};

/// Throws DaemonError with the message in the body when the status says so.
void throw_unless_ok(Response& response);

} // namespace gantry::cli
