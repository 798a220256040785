#include "log-syslog/tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>

#include <gantry/sdk/error.hpp>

namespace gantry::log_syslog {
namespace {

Error failure(const std::string& target, const std::string& what) {
  const unsigned long code = ::ERR_get_error();
  const char* reason = code == 0 ? nullptr : ::ERR_reason_error_string(code);
  ::ERR_clear_error();
  return {Code::unavailable, target + ": " + what + ": " + (reason == nullptr ? "the connection broke" : reason)};
}

void load_files(SSL_CTX* context, const std::string& target, const Options& options) {
  if (!options.ca.empty() && ::SSL_CTX_load_verify_locations(context, options.ca.c_str(), nullptr) != 1)
    throw failure(target, "read " + options.ca);
  if (options.ca.empty()) ::SSL_CTX_set_default_verify_paths(context);
  if (!options.certificate.empty() && ::SSL_CTX_use_certificate_chain_file(context, options.certificate.c_str()) != 1)
    throw failure(target, "read " + options.certificate);
  if (!options.key.empty() && ::SSL_CTX_use_PrivateKey_file(context, options.key.c_str(), SSL_FILETYPE_PEM) != 1)
    throw failure(target, "read " + options.key);
}

/// The certificate must name the host that was asked for, which may be an address.
void expect_host(SSL* ssl, const std::string& host) {
  if (::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(ssl), host.c_str()) == 1) return;
  ::SSL_set1_host(ssl, host.c_str());
  ::SSL_set_tlsext_host_name(ssl, host.c_str());
}

} // namespace

void TlsStream::Free::operator()(ssl_st* ssl) const { ::SSL_free(ssl); }
void TlsStream::Free::operator()(ssl_ctx_st* context) const { ::SSL_CTX_free(context); }

template <class Step>
void TlsStream::complete(const log_common::Patience& patience, const char* what, Step step) {
  for (;;) {
    ::ERR_clear_error();
    const int result = step();
    if (result > 0) return;
    switch (::SSL_get_error(ssl_.get(), result)) {
      case SSL_ERROR_WANT_READ:
        patience.wait_for(connection_.fd(), POLLIN, connection_.target());
        break;
      case SSL_ERROR_WANT_WRITE:
        patience.wait_for(connection_.fd(), POLLOUT, connection_.target());
        break;
      default:
        throw failure(connection_.target(), what);
    }
  }
}

TlsStream::TlsStream(const log_common::Patience& patience, const log_common::Connection& connection, const Options& options)
    : connection_(connection), context_(::SSL_CTX_new(::TLS_client_method())) {
  if (!context_) throw failure(connection.target(), "prepare TLS");
  ::SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
  load_files(context_.get(), connection.target(), options);
  ssl_.reset(::SSL_new(context_.get()));
  if (!ssl_ || ::SSL_set_fd(ssl_.get(), connection.fd()) != 1) throw failure(connection.target(), "prepare TLS");
  if (!options.skip_verify) {
    ::SSL_set_verify(ssl_.get(), SSL_VERIFY_PEER, nullptr);
    expect_host(ssl_.get(), options.endpoint.host);
  }
  complete(patience, "TLS handshake", [&] { return ::SSL_connect(ssl_.get()); });
}

TlsStream::~TlsStream() { (void)::SSL_shutdown(ssl_.get()); }

void TlsStream::send(const log_common::Patience& patience, std::string_view bytes) {
  complete(patience, "send", [&] { return ::SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())); });
}

} // namespace gantry::log_syslog
