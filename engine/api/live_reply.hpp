#pragma once

#include <memory>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include "api/http.hpp"
#include "api/in_flight.hpp"

namespace gantry::api {

using Socket = boost::asio::generic::stream_protocol::socket;

/// The reply to one request on a real connection.
class LiveReply final : public Reply {
 public:
  struct Context {
    bool head_only = false; ///< HEAD
    bool http10 = false;    ///< no chunks
    bool keep_alive = true;
    bool upgrade = false;  ///< the client sent Upgrade
    bool watch = true;     ///< the socket is not being read by somebody else
    std::string buffered;  ///< bytes behind the request, for hijack
    InFlight::Token token; ///< given back once the reply begins
  };

  LiveReply(Socket& socket, Context context) : socket_(socket), context_(std::move(context)) {}

  Task<void> begin_stream(std::string content_type, int status) override;
  Task<void> write(std::string bytes) override;
  Task<void> write_from(int pipe) override;
  Task<void> until_hang_up(Task<void> work) override;
  Task<Hijacked> hijack(std::string content_type) override;
  Hijacked take(std::string content_type) override;
  bool begun() const override { return begun_; }

  /// Drops what was prepared so far and answers with an error instead.
  void fail(const std::exception_ptr& failure, ApiVersion version);
  /// Sends what the handler prepared, or the end of its stream.
  Task<void> finish();
  /// The request's body has been read: from here on the client's hang-up can be told.
  void body_is_read();
  bool hijacked() const { return hijacked_; }
  bool keep_alive() const { return context_.keep_alive; }
  /// The connection ends after this reply; says so when the head is not yet sent.
  void last() { context_.keep_alive = false; }
  int status() const { return status_; }

 private:
  /// Shared with the pending wait on the socket, which may outlive the reply by a moment.
  struct Watch {
    bool gone = false;
    bool armed = false; ///< the socket is waited for
    boost::asio::cancellation_signal hang_up;
  };

  void start_watch();
  void arm();
  void stop_watch();
  Task<void> send(std::string bytes);
  Task<void> send_from(int pipe, std::size_t size);
  /// Marks the connection as taken over; the head to send.
  std::string hijack_head(const std::string& content_type, bool with_engine);

  Socket& socket_;
  Context context_;
  std::shared_ptr<Watch> watch_;
  bool begun_ = false;
  bool hijacked_ = false;
};

} // namespace gantry::api
