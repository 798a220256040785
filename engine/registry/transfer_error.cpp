#include "registry/transfer_error.hpp"

#include <cstring>

#include <curl/curl.h>

#include "registry/url.hpp"

namespace gantry::registry {
namespace {

using Kind = TransferError::Kind;

std::string address(const CurlFailure& f) {
  auto url = parse_url(f.url);
  auto host = f.ip.empty() ? url.host : f.ip;
  if (host.find(':') != host.npos) host = "[" + host + "]";
  return host + ":" + url.port;
}

/// "HOST:PORT" of a proxy as it was configured: with or without a scheme and credentials.
std::string authority(std::string proxy) {
  if (const auto scheme = proxy.find("://"); scheme != proxy.npos) proxy.erase(0, scheme + 3);
  proxy = proxy.substr(0, proxy.find('/'));
  return proxy.substr(proxy.rfind('@') + 1);
}

/// Only libcurl's text says who did not answer.
bool is_of_proxy(const CurlFailure& f) {
  std::string name = authority(f.proxy);
  if (const auto colon = name.rfind(':'); colon != name.npos) name.replace(colon, 1, " port ");
  return !name.empty() && f.detail.find(" to " + name + " ") != f.detail.npos;
}

std::string errno_text(long number, const std::string& otherwise) {
  if (number == 0) return otherwise;
  std::string text = std::strerror(static_cast<int>(number));
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

/// X509_V_ERR_*: openssl-verification-options(1).
std::string certificate_text(const CurlFailure& f) {
  switch (f.verify_result) {
    case 9:
    case 10:
      return "x509: certificate has expired or is not yet valid";
    case 2:
    case 18:
    case 19:
    case 20:
    case 21:
      return "x509: certificate signed by unknown authority";
    default:
      return "x509: " + f.detail;
  }
}

struct Told {
  Kind kind;
  std::string text;
};

Told tell(const CurlFailure& f) {
  auto says = [&](const char* part) { return f.detail.find(part) != f.detail.npos; };
  switch (f.code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return {Kind::name, "dial tcp: lookup " + parse_url(f.url).host + ": no such host"};
    case CURLE_COULDNT_RESOLVE_PROXY:
      return {Kind::name, "proxyconnect tcp: dial tcp: the proxy's name is not known"};
    case CURLE_COULDNT_CONNECT:
      if (is_of_proxy(f))
        return {Kind::connect,
                "proxyconnect tcp: dial tcp " + authority(f.proxy) + ": connect: " + errno_text(f.os_errno, "connection failed")};
      return {Kind::connect, "dial tcp " + address(f) + ": connect: " + errno_text(f.os_errno, "connection failed")};
    case CURLE_PEER_FAILED_VERIFICATION:
      return {Kind::tls, "tls: failed to verify certificate: " + certificate_text(f)};
    case CURLE_SSL_CONNECT_ERROR:
      if (says("wrong version number") || says("packet length too long") || says("record layer failure"))
        return {Kind::not_tls, "http: server gave HTTP response to HTTPS client"};
      return {Kind::tls, "remote error: tls: " + f.detail};
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
      return {Kind::tls, "tls: " + f.detail};
    case CURLE_OPERATION_TIMEDOUT:
      if (!f.began) return {Kind::connect, "dial tcp " + address(f) + ": i/o timeout"};
      return {Kind::stalled, "no data for " + std::to_string(f.stall_s) + " seconds"};
    case CURLE_GOT_NOTHING:
      return {Kind::broken, "EOF"};
    case CURLE_PARTIAL_FILE:
      return {Kind::broken, "unexpected EOF"};
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
      return {Kind::broken, "read tcp " + address(f) + ": read: " + errno_text(f.os_errno, "connection reset by peer")};
    default:
      return {Kind::broken, f.detail.empty() ? curl_easy_strerror(static_cast<CURLcode>(f.code)) : f.detail};
  }
}

} // namespace

std::string go_operation(const std::string& method, const std::string& url) {
  std::string verb = method;
  for (std::size_t i = 1; i < verb.size(); ++i) verb[i] = static_cast<char>(verb[i] | 0x20);
  return verb + " \"" + url + "\"";
}

TransferError transfer_error(const CurlFailure& failure) {
  auto told = tell(failure);
  return {told.kind, go_operation(failure.method, failure.url) + ": " + told.text};
}

} // namespace gantry::registry
