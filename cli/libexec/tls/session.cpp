#include "cli/libexec/tls/session.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <array>
#include <cerrno>
#include <cstring>

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

void load(SSL_CTX* context, const TlsOptions& options) {
  if (!options.verify) {
    ::SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
  } else {
    ::SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    if (options.authorities.empty()) {
      ::SSL_CTX_set_default_verify_paths(context);
    } else {
      if (::SSL_CTX_load_verify_locations(context, options.authorities.c_str(), nullptr) != 1)
        throw TlsSetup("ca.pem seems invalid");
    }
  }
  if (options.certificate.empty()) return;
  if (::SSL_CTX_use_certificate_chain_file(context, options.certificate.c_str()) != 1)
    throw TlsSetup("tls: failed to find any PEM data in certificate input");
  if (::SSL_CTX_use_PrivateKey_file(context, options.key.c_str(), SSL_FILETYPE_PEM) == 1) return;
  const bool mismatch = ERR_GET_REASON(::ERR_peek_error()) == X509_R_KEY_VALUES_MISMATCH;
  throw TlsSetup(mismatch ? "tls: private key does not match public key" : "tls: failed to find any PEM data in key input");
}

bool is_address(const std::string& name) {
  std::array<unsigned char, 16> bytes{};
  return ::inet_pton(AF_INET, name.c_str(), bytes.data()) == 1 || ::inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1;
}

/// What the certificate is for: addresses, or names.
std::string subjects_of(X509* certificate, bool addresses) {
  std::string list;
  if (certificate == nullptr) return list;
  const auto free_names = [](GENERAL_NAMES* names) { ::GENERAL_NAMES_free(names); };
  const std::unique_ptr<GENERAL_NAMES, decltype(free_names)> names(
      static_cast<GENERAL_NAMES*>(::X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)), free_names);
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != (addresses ? GEN_IPADD : GEN_DNS)) continue;
    const unsigned char* bytes = ::ASN1_STRING_get0_data(addresses ? name->d.iPAddress : name->d.dNSName);
    const int size = ::ASN1_STRING_length(addresses ? name->d.iPAddress : name->d.dNSName);
    char address[INET6_ADDRSTRLEN] = {};
    if (addresses) ::inet_ntop(size == 16 ? AF_INET6 : AF_INET, bytes, address, sizeof address);
    list += (list.empty() ? "" : ", ") + (addresses ? address : std::string(bytes, bytes + size));
  }
  return list;
}

std::string not_for(const std::string& name, X509* certificate) {
  const bool address = is_address(name);
  const std::string subjects = subjects_of(certificate, address);
  if (!subjects.empty()) return "certificate is valid for " + subjects + ", not " + name;
  if (address) return "cannot validate certificate for " + name + " because it doesn't contain any IP SANs";
  return "certificate is not valid for any names, but wanted to match " + name;
}

std::string distrust(long result, const std::string& name, X509* certificate) {
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
      return failed + not_for(name, certificate);
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
  if (options.verify && trust != X509_V_OK) throw TlsFailure(distrust(trust, name, ::SSL_get0_peer_certificate(ssl_.get())));
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
