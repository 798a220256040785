#pragma once

#include <string>

#include "base/error.hpp"

namespace gantry::registry {

/// An exchange that ended without an HTTP answer. The text is what Docker's users know from Go.
class TransferError : public Error {
 public:
  enum class Kind { connect, name, tls, not_tls, broken, stalled, too_large };
  TransferError(Kind kind, const std::string& message) : Error(Code::unknown, message), kind_(kind) {}
  Kind kind() const { return kind_; }
  /// Whether the same request may do better a moment later.
  bool worth_retrying() const { return kind_ == Kind::broken || kind_ == Kind::stalled; }

 private:
  Kind kind_;
};

/// What libcurl knows about a failed exchange.
struct CurlFailure {
  int code = 0; ///< CURLcode
  std::string method, url, ip, detail;
  std::string proxy; ///< URL of the one for the scheme, whether the host is excepted or not
  long port = 0, os_errno = 0, verify_result = 0;
  bool began = false; ///< a connection stood
  std::int64_t connect_s = 0, stall_s = 0;
};

TransferError transfer_error(const CurlFailure&);
/// `Get "URL"`: how Go's HTTP client begins its errors.
std::string go_operation(const std::string& method, const std::string& url);

} // namespace gantry::registry
