#include "api/connection.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "api/body_pump.hpp"
#include "api/dispatch.hpp"
#include "api/linger.hpp"
#include "base/log.hpp"

namespace gantry::api {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

constexpr std::size_t largest_head = 256 << 10;
constexpr std::size_t largest_body = 16 << 20;

using HeadParser = http::request_parser<http::empty_body>;
using BodyParser = http::request_parser<http::string_body>;

Method method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get:
      return Method::get;
    case http::verb::head:
      return Method::head;
    case http::verb::post:
      return Method::post;
    case http::verb::put:
      return Method::put;
    case http::verb::delete_:
      return Method::del;
    case http::verb::options:
      return Method::options;
    default:
      return Method::other;
  }
}

void take_headers(const HeadParser::value_type& message, Request& request) {
  request.method = method_of(message.method());
  for (const auto& field : message) request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
}

/// One connection's state between its requests.
class Connection {
 public:
  Connection(Socket& socket, Dispatcher dispatcher) : socket_(socket), dispatcher_(dispatcher), buffer_(largest_head * 2) {}

  Task<void> run() {
    for (bool more = true; more;) {
      HeadParser parser;
      parser.header_limit(largest_head);
      parser.body_limit(boost::none);
      beast::error_code error;
      auto token = asio::redirect_error(asio::use_awaitable, error);
      co_await http::async_read_header(socket_, buffer_, parser, token);
      if (error) {
        co_await refuse(error);
        co_return;
      }
      more = co_await serve(parser);
    }
  }

 private:
  /// True when another request may follow.
  Task<bool> serve(HeadParser& parser) {
    Request request;
    take_headers(parser.get(), request);
    std::exception_ptr broken_target;
    const Router::Route* route = nullptr;
    try {
      route = resolve(dispatcher_.router, {parser.get().target().data(), parser.get().target().size()}, request);
    } catch (...) {
      broken_target = std::current_exception();
    }
    co_await answer_expect(parser);
    LiveReply::Context context;
    context.head_only = request.method == Method::head;
    context.http10 = parser.get().version() < 11;
    context.keep_alive = parser.keep_alive();
    context.token = dispatcher_.in_flight.enter();
    context.upgrade = parser.get().find(http::field::upgrade) != parser.get().end();
    if (!broken_target && route != nullptr && route->options.body_of(request) == Body::stream) {
      context.watch = false;
      co_return co_await serve_streamed(parser, route, std::move(request), std::move(context));
    }
    BodyParser whole(std::move(parser));
    whole.body_limit(largest_body);
    beast::error_code error;
    if (whole.content_length().value_or(0) > largest_body) error = http::error::body_limit;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    if (!error) co_await http::async_read(socket_, buffer_, whole, token);
    if (error) {
      co_await refuse(error);
      co_return false;
    }
    request.body = std::move(whole.get().body());
    context.buffered = beast::buffers_to_string(buffer_.data());
    LiveReply reply(socket_, std::move(context));
    if (broken_target)
      reply.fail(broken_target, newest_version);
    else
      co_await dispatch(dispatcher_, route, request, reply);
    if (reply.hijacked()) co_return false;
    co_await reply.finish();
    co_return reply.keep_alive();
  }

  Task<bool> serve_streamed(HeadParser& parser, const Router::Route* route, Request request, LiveReply::Context context) {
    BodyPump pump(socket_, buffer_, parser);
    request.source = &pump;
    LiveReply reply(socket_, std::move(context));
    pump.when_whole([&reply] { reply.body_is_read(); });
    std::exception_ptr failure;
    try {
      co_await dispatch(dispatcher_, route, request, reply);
    } catch (...) {
      failure = std::current_exception();
    }
    const bool whole = co_await pump.finish();
    if (failure) std::rethrow_exception(failure);
    if (!whole) reply.last();
    co_await reply.finish();
    if (!whole) co_await linger(socket_);
    co_return reply.keep_alive();
  }

  Task<void> answer_expect(HeadParser& parser) {
    if (!beast::iequals(parser.get()[http::field::expect], "100-continue")) co_return;
    static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    auto bytes = asio::buffer(go_on);
    co_await asio::async_write(socket_, bytes, asio::use_awaitable);
  }

  /// What cannot be parsed is answered once, then the connection ends; a client that just left is not answered.
  Task<void> refuse(beast::error_code error) {
    LiveReply::Context context;
    context.keep_alive = false;
    LiveReply reply(socket_, std::move(context));
    if (error == http::error::header_limit || error == http::error::buffer_overflow)
      reply.text(431, "request header is too large\n");
    else if (error == http::error::body_limit)
      reply.text(413, "request body is larger than 16 MiB\n");
    else if (error.category() == http::make_error_code(http::error::bad_method).category() &&
             error != http::error::end_of_stream && error != http::error::partial_message)
      reply.text(400, "400 Bad Request: " + error.message() + '\n');
    else
      co_return;
    co_await reply.finish();
    co_await linger(socket_);
  }

  Socket& socket_;
  Dispatcher dispatcher_;
  beast::flat_buffer buffer_;
};

} // namespace

Task<void> serve_connection(Socket& socket, Dispatcher dispatcher) {
  Connection connection(socket, dispatcher);
  try {
    co_await connection.run();
  } catch (const std::exception& error) {
    log::debug(std::string("api: connection ended: ") + error.what());
  }
}

} // namespace gantry::api
