#pragma once

#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include <gantry/sdk/fd.hpp>

namespace gantry::api {

/// PEM files, as dockerd's --tls* flags name them.
struct TlsFiles {
  std::string certificate; ///< of the server, with its chain
  std::string key;
  std::string authorities; ///< who signs clients' certificates; empty: clients are not asked for one
};

/// Turns TLS connections into plain ones, so that everything behind it sees an ordinary socket.
class TlsDoor {
 public:
  /// Reads the files. Throws invalid with the file that is missing, broken or does not fit.
  explicit TlsDoor(const TlsFiles& files);
  ~TlsDoor();

  /// Takes over a connected client and returns the socket to serve instead of it: bytes are relayed on `executor`, which
  /// must be a strand, until both sides are done; an end of stream is passed on in either direction. A client without a
  /// good certificate, or that does not finish its handshake within ten seconds, is cut off.
  UniqueFd admit(const boost::asio::any_io_executor& executor, UniqueFd client);

 private:
  struct Context;
  std::shared_ptr<Context> context_;
};

} // namespace gantry::api
