#pragma once

#include <memory>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "api/live_reply.hpp"

namespace gantry::api {

/// Moves a request body of any size from the connection into a pipe while the handler works.
class BodyPump final : public BodySource {
 public:
  using HeadParser = boost::beast::http::request_parser<boost::beast::http::empty_body>;

  BodyPump(Socket& socket, boost::beast::flat_buffer& buffer, HeadParser& head)
      : socket_(socket), buffer_(buffer), parser_(std::move(head)) {}

  UniqueFd pipe() override;
  /// Calls `f` on the connection's strand once the whole body has been read.
  void when_whole(std::function<void()> f) { when_whole_ = std::move(f); }
  /// After the handler: stops what is still going on. True when the whole body has been read, so that the next request
  /// can follow.
  Task<bool> finish();

 private:
  Task<void> pump(UniqueFd sink);

  Socket& socket_;
  boost::beast::flat_buffer& buffer_;
  boost::beast::http::request_parser<boost::beast::http::buffer_body> parser_;
  std::function<void()> when_whole_;
  bool started_ = false;
  Latch done_;
};

} // namespace gantry::api
