#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::test {

struct HttpReply {
  int status = 0;
  std::string reason;
  std::map<std::string, std::string> headers; ///< names in lower case
  std::string body;                           ///< chunks joined
  std::string header(const std::string& name) const;
};

/// A deliberately simple HTTP/1.1 client on a unix socket: keep-alive, chunked replies, hijacked streams and raw bytes.
/// Every read has a deadline; what goes wrong is a std::runtime_error, which fails the test.
class HttpClient {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  explicit HttpClient(std::string socket_path);
  HttpClient(HttpClient&&) noexcept;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient();

  HttpReply get(const std::string& target) { return request("GET", target); }
  HttpReply post(const std::string& target) { return request("POST", target); }
  HttpReply post_json(const std::string& target, const std::string& json);
  HttpReply del(const std::string& target) { return request("DELETE", target); }
  /// On the kept connection; a new one when the server closed the last.
  HttpReply request(const std::string& method, const std::string& target, const Headers& headers = {},
                    const std::string& body = "");

  /// The pieces of a request, for streams and bad input.
  void send(std::string_view bytes);
  void send_request(const std::string& method, const std::string& target, const Headers& headers = {},
                    const std::string& body = "");
  HttpReply read_head();
  HttpReply read_reply(bool without_body = false);
  /// The next chunk of a chunked body, empty at its end.
  std::string read_chunk();
  /// What is left of a hijacked stream, until the server closes it.
  std::string read_to_end();
  /// Exactly that many bytes of a hijacked stream.
  std::string read_bytes(std::size_t count);
  /// The server has closed the connection (waits for it up to the deadline).
  bool closed();
  void shutdown_write();
  void disconnect();

 private:
  void connect();
  bool fill();
  std::string read_line();

  std::string path_;
  int fd_ = -1;
  std::string buffer_;
};

/// Payloads of Docker's frames of one stream (1 output, 2 errors), joined.
std::string frames_of(std::string_view bytes, int stream);

} // namespace gantry::test
