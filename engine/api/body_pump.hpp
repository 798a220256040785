#pragma once

#include <memory>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "api/live_reply.hpp"
#include "base/body_framing.hpp"

namespace gantry::api {

/// Moves a request body of any size from the connection into a pipe while the handler works: inside the kernel, but for what came
/// together with the head and for what frames chunks.
class BodyPump final : public BodySource {
 public:
  using HeadParser = boost::beast::http::request_parser<boost::beast::http::empty_body>;

  BodyPump(Socket& socket, boost::beast::flat_buffer& buffer, HeadParser& head)
      : socket_(socket), buffer_(buffer), framing_(framing_of(head)) {}

  UniqueFd pipe() override;
  /// Calls `f` on the connection's strand once the whole body has been read.
  void when_whole(std::function<void()> f) { when_whole_ = std::move(f); }
  /// After the handler: stops what is still going on. True when the whole body has been read, so that the next request
  /// can follow.
  Task<bool> finish();

 private:
  using Sink = boost::asio::posix::stream_descriptor;
  static BodyFraming framing_of(const HeadParser& head);
  Task<void> pump(UniqueFd sink);
  /// Each moves on by one step; false when the client, or who reads, has gone.
  Task<bool> read_frame();
  Task<bool> pass_buffered(Sink& out);
  Task<bool> splice(Sink& out);
  Task<void> spoil(Sink& out);

  Socket& socket_;
  boost::beast::flat_buffer& buffer_;
  BodyFraming framing_;
  std::function<void()> when_whole_;
  bool started_ = false;
  Latch done_;
};

} // namespace gantry::api
