#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gantry/sdk/fd.hpp>

#include "api/query.hpp"
#include "api/version.hpp"
#include "base/async.hpp"
#include "base/error.hpp"
#include "base/json.hpp"

// What handlers see of HTTP: no Beast. A handler looks like
//
//   Task<void> post_container_start(Services& services, Request& request, Reply& reply) {
//     ...
//     reply.empty(204);
//   }
//
// It runs on the connection's strand. An Error thrown before the head was sent becomes the error reply (error_status.hpp);
// thrown after it, it ends the connection: streams report errors in-band.
namespace gantry::api {

enum class Method { get, head, post, put, del, options, other };

/// Where a streamed request body comes from (routes with Body::stream).
class BodySource {
 public:
  virtual ~BodySource() = default;
  /// The read end (blocking) of a pipe into which the body is pumped while the handler runs. Call at most once. The
  /// write end closes at the end of the body, and also when the client goes away in the middle of it.
  virtual UniqueFd pipe() = 0;
};

struct Request {
  Method method = Method::get;
  std::string path; ///< decoded, without the version: "/containers/json"
  ApiVersion version = newest_version;
  std::vector<std::pair<std::string, std::string>> params; ///< of the route's pattern
  Query query;
  std::vector<std::pair<std::string, std::string>> headers; ///< names as sent
  std::string body;                                         ///< whole body, empty on routes with Body::stream
  BodySource* source = nullptr;                             ///< only on routes with Body::stream

  /// A parameter of the route's pattern, "id" for "/containers/{id}/json".
  const std::string& param(std::string_view name) const;
  /// First header of that name in any case, empty when there is none.
  std::string_view header(std::string_view name) const;
  /// The body as JSON under Docker's rules: null for an empty body; invalid for another content type, malformed JSON or
  /// something behind the document.
  Json json() const;
};

/// A connection taken over as raw bytes.
struct Hijacked {
  UniqueFd socket;     ///< non-blocking, close-on-exec
  std::string pending; ///< bytes that the client had already sent behind its request
  std::string head;    ///< the reply's head where it has not been sent yet (Reply::take)
};

/// How a handler answers: exactly one of empty/text/json, or begin_stream + write…, or hijack.
class Reply {
 public:
  virtual ~Reply() = default;

  void empty(int status);
  void text(int status, std::string body, std::string content_type = "text/plain; charset=utf-8");
  void json(int status, const Json& value);
  /// An extra header; before the head is sent.
  void header(std::string name, std::string value);

  /// Sends the head now; what follows is chunked. From here on the client's hang-up is watched.
  virtual Task<void> begin_stream(std::string content_type, int status = 200) = 0;
  /// Sends one chunk and flushes it; waits while the client is slow. Throws cancelled when the client has gone.
  virtual Task<void> write(std::string bytes) = 0;
  /// Sends what can be read from `pipe`, up to its end, in chunks; the bytes stay inside the kernel. `pipe` becomes non-blocking.
  /// Throws as `write` does.
  virtual Task<void> write_from(int pipe) = 0;
  /// Runs `work` and cancels it when the client hangs up (then throws cancelled). Before begin_stream or within.
  virtual Task<void> until_hang_up(Task<void> work) = 0;
  /// 101 UPGRADED when the client asked for an upgrade, 200 otherwise, then hands the socket over.
  virtual Task<Hijacked> hijack(std::string content_type) = 0;
  /// The same without sending the head: whoever gets the socket sends it when the client may go on.
  virtual Hijacked take(std::string content_type) = 0;
  /// Whether the head is out, so that errors have to be told in-band.
  virtual bool begun() const = 0;

 protected:
  int status_ = 0;
  std::string content_type_;
  std::string body_;
  std::vector<std::pair<std::string, std::string>> headers_;
};

/// Compact JSON as Docker writes it: no HTML escapes, invalid UTF-8 replaced.
std::string dump(const Json& value);

} // namespace gantry::api
