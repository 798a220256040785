#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "cli/client/tls.hpp"

namespace gantry::cli {

/// The files cannot be used.
class TlsSetup : public TlsFailure {
 public:
  using TlsFailure::TlsFailure;
};

/// A TLS client on a connected socket. What goes wrong is thrown as TlsFailure, in the words of Docker's clients.
class TlsSession {
 public:
  /// Shakes hands, blocking. `name`: the host's name or address, which the certificate has to be for.
  TlsSession(int socket, const std::string& name, const TlsOptions& options);

  enum class Wants { nothing, to_read, to_write, ended };
  /// Reads what there is into `bytes`, or tells what to wait for; never blocks after `unblock`.
  Wants read(std::string& bytes);
  /// Takes what was written off the front of `bytes`.
  Wants write(std::string& bytes);
  /// Tells the other side that nothing more comes; it may go on sending.
  Wants end_output();

 private:
  Wants wants(int result) const;

  struct Free {
    void operator()(SSL_CTX* context) const { ::SSL_CTX_free(context); }
    void operator()(SSL* ssl) const { ::SSL_free(ssl); }
  };
  std::unique_ptr<SSL_CTX, Free> context_;
  std::unique_ptr<SSL, Free> ssl_;
};

} // namespace gantry::cli
