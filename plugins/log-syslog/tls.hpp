#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "log-common/connection.hpp"
#include "log-syslog/options.hpp"

struct ssl_st;
struct ssl_ctx_st;

namespace gantry::log_syslog {

/// TLS over a connection. Errors are `unavailable`: a certificate may be there tomorrow.
class TlsStream {
 public:
  TlsStream(const log_common::Patience& patience, const log_common::Connection& connection, const Options& options);
  ~TlsStream();
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  void send(const log_common::Patience& patience, std::string_view bytes);

 private:
  struct Free {
    void operator()(ssl_st* ssl) const;
    void operator()(ssl_ctx_st* context) const;
  };
  /// Runs one step until it is done; waits for the socket in between.
  template <class Step>
  void complete(const log_common::Patience& patience, const char* what, Step step);

  const log_common::Connection& connection_;
  std::unique_ptr<ssl_ctx_st, Free> context_;
  std::unique_ptr<ssl_st, Free> ssl_;
};

} // namespace gantry::log_syslog
