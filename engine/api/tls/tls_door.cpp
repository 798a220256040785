#include "api/tls/tls_door.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>

#include <boost/asio/ssl/context.hpp>

#include "api/tls/relay.hpp"
#include "base/error.hpp"

namespace gantry::api {

namespace ssl = boost::asio::ssl;

struct TlsDoor::Context {
  ssl::context ssl{ssl::context::tls_server};
};

namespace {

void check(const boost::system::error_code& error, const std::string& what, const std::string& file) {
  if (error) throw invalid("cannot use " + file + " as " + what + ": " + error.message());
}

} // namespace

TlsDoor::TlsDoor(const TlsFiles& files) : context_(std::make_shared<Context>()) {
  auto& context = context_->ssl;
  context.set_options(ssl::context::default_workarounds | ssl::context::no_sslv3 | ssl::context::no_tlsv1 |
                      ssl::context::no_tlsv1_1);
  boost::system::error_code error;
  context.use_certificate_chain_file(files.certificate, error);
  check(error, "the server's certificate", files.certificate);
  context.use_private_key_file(files.key, ssl::context::pem, error);
  check(error, "the key of " + files.certificate, files.key);
  if (files.authorities.empty()) return;
  context.load_verify_file(files.authorities, error);
  check(error, "the authority of clients", files.authorities);
  context.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
}

TlsDoor::~TlsDoor() = default;

UniqueFd TlsDoor::admit(const boost::asio::any_io_executor& executor, UniqueFd client) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0)
    throw os_error("socket pair for a TLS client", errno);
  UniqueFd served(ends[0]);
  // The context lives as long as its connections.
  relay_tls(executor, std::move(client), UniqueFd(ends[1]), std::shared_ptr<ssl::context>(context_, &context_->ssl));
  return served;
}

} // namespace gantry::api
