#include "cli/libexec/tls/session.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace gantry::cli {
namespace {

/// The oldest entry of OpenSSL's queue, which has the cause.
std::string library_reason() {
  const unsigned long code = ::ERR_get_error();
  ::ERR_clear_error();
  const char* reason = ::ERR_reason_error_string(code);
  return reason == nullptr ? "unknown error" : reason;
}

/// The sentences for an alert of the other side are Go's.
std::string alert_text(const std::string& reason) {
  const auto alert = reason.find(" alert ");
  if (alert == std::string::npos) {
    const bool clear_text = reason == "wrong version number" || reason == "http request" || reason == "packet length too long";
    return clear_text ? "http: server gave HTTP response to HTTPS client" : "tls: " + reason;
  }
  const std::string what = reason.substr(alert + 7);
  return "remote error: tls: " + (what == "unknown ca" ? "unknown certificate authority" : what);
}

void check_readable(const std::string& path) {
  if (!std::ifstream(path)) throw TlsFailure("open " + path + ": " + std::strerror(errno));
}

void load(SSL_CTX* context, const TlsOptions& options) {
  if (!options.verify) {
    ::SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
  } else {
    ::SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    if (options.authorities.empty()) {
      ::SSL_CTX_set_default_verify_paths(context);
    } else {
      check_readable(options.authorities);
      if (::SSL_CTX_load_verify_locations(context, options.authorities.c_str(), nullptr) != 1)
        throw TlsFailure("failed to append certificates from PEM file: \"" + options.authorities + "\": " + library_reason());
    }
  }
  if (options.certificate.empty() && options.key.empty()) return;
  for (const std::string& path : {options.certificate, options.key}) check_readable(path);
  if (::SSL_CTX_use_certificate_chain_file(context, options.certificate.c_str()) != 1 ||
      ::SSL_CTX_use_PrivateKey_file(context, options.key.c_str(), SSL_FILETYPE_PEM) != 1)
    throw TlsFailure("could not load X509 key pair: " + library_reason());
}

bool is_address(const std::string& name) {
  std::array<unsigned char, 16> bytes{};
  return ::inet_pton(AF_INET, name.c_str(), bytes.data()) == 1 || ::inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1;
}

std::string distrust(long result, const std::string& name) {
  const std::string failed = "tls: failed to verify certificate: x509: ";
  switch (result) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return failed + "certificate signed by unknown authority";
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return failed + "certificate has expired or is not yet valid";
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
    case X509_V_ERR_HOSTNAME_MISMATCH:
      return failed + "certificate is not valid for " + name;
    default:
      return failed + ::X509_verify_cert_error_string(result);
  }
}

} // namespace

TlsSession::TlsSession(int socket, const std::string& name, const TlsOptions& options)
    : context_(::SSL_CTX_new(::TLS_client_method())) {
  if (!context_) throw TlsFailure("tls: " + library_reason());
  ::SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
  // A stream that is cut off is told apart from one that ended.
  ::SSL_CTX_set_mode(context_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_AUTO_RETRY);
  load(context_.get(), options);
  ssl_.reset(::SSL_new(context_.get()));
  if (!ssl_ || ::SSL_set_fd(ssl_.get(), socket) != 1) throw TlsFailure("tls: " + library_reason());
  if (is_address(name)) {
    ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(ssl_.get()), name.c_str());
  } else {
    SSL_set_tlsext_host_name(ssl_.get(), name.c_str());
    ::SSL_set1_host(ssl_.get(), name.c_str());
  }
  if (::SSL_connect(ssl_.get()) == 1) return;
  const long trust = ::SSL_get_verify_result(ssl_.get());
  if (options.verify && trust != X509_V_OK) throw TlsFailure(distrust(trust, name));
  if (::ERR_peek_error() == 0) throw TlsFailure("EOF");
  throw TlsFailure(alert_text(library_reason()));
}

TlsSession::Wants TlsSession::wants(int result) const {
  switch (::SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return Wants::to_read;
    case SSL_ERROR_WANT_WRITE:
      return Wants::to_write;
    case SSL_ERROR_ZERO_RETURN:
      return Wants::ended;
    case SSL_ERROR_SSL:
      if (ERR_GET_REASON(::ERR_peek_error()) != SSL_R_UNEXPECTED_EOF_WHILE_READING)
        throw TlsFailure(alert_text(library_reason()));
      throw TlsFailure("unexpected EOF");
    default:
      throw TlsFailure(errno == 0 ? "unexpected EOF" : std::strerror(errno));
  }
}

TlsSession::Wants TlsSession::read(std::string& bytes) {
  std::array<char, 65536> piece;
  ::ERR_clear_error();
  errno = 0;
  const int n = ::SSL_read(ssl_.get(), piece.data(), static_cast<int>(piece.size()));
  if (n <= 0) return wants(n);
  bytes.append(piece.data(), static_cast<std::size_t>(n));
  return Wants::nothing;
}

TlsSession::Wants TlsSession::write(std::string& bytes) {
  ::ERR_clear_error();
  errno = 0;
  const int n = ::SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
  if (n <= 0) return wants(n);
  bytes.erase(0, static_cast<std::size_t>(n));
  return Wants::nothing;
}

TlsSession::Wants TlsSession::end_output() {
  ::ERR_clear_error();
  const int told = ::SSL_shutdown(ssl_.get());
  return told < 0 ? wants(told) : Wants::nothing;
}

} // namespace gantry::cli
