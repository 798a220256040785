#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

// What a reply's bytes are packed in, where the client says that it can unpack them (RFC 9110, 12.5.3).
namespace gantry::api {

enum class Coding { identity, gzip, deflate };

/// The best of what an Accept-Encoding names and we have: gzip before deflate where both are as welcome. identity for none.
Coding negotiated_coding(std::string_view accept);
/// For Content-Encoding; null for identity.
const char* coding_name(Coding);

/// Packs a stream of bytes.
class Encoder {
 public:
  explicit Encoder(Coding);
  ~Encoder();
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  /// The next packed bytes, for which `read` is called as often as it takes; both give no bytes at the end. `read` is not
  /// called again after it gave none.
  std::string next(const std::function<std::string()>& read);

 private:
  struct Deflate;
  std::unique_ptr<Deflate> deflate_; ///< null: identity
};

} // namespace gantry::api
