#pragma once

#include <string>
#include <string_view>

namespace gantry::registry {

/// Parts of an absolute http or https URL.
struct Url {
  std::string scheme; ///< "http" or "https"
  std::string host;   ///< name or address, without brackets
  std::string port;   ///< never empty
  std::string text;   ///< the whole, normalised, without user and fragment

  /// "scheme://host:port": whom credentials are for.
  std::string origin() const { return scheme + "://" + host + ":" + port; }
};

/// invalid for what is no http(s) URL.
Url parse_url(const std::string& text);
/// `location` as seen from `base`: absolute, or relative to it.
Url resolve_url(const std::string& base, const std::string& location);
/// Everything but letters, digits and "-_.~" in %XX.
std::string percent_encode(std::string_view text);
/// Adds "key=value" to the query, encoded.
std::string with_parameter(const std::string& url, std::string_view key, std::string_view value);

} // namespace gantry::registry
