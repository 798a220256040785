#pragma once

#include <string>
#include <string_view>

namespace gantry::cli {

/// RFC 4648 with padding; `url`: with "-" and "_", as headers have it.
std::string base64_encode(std::string_view bytes, bool url = false);
/// Both alphabets, padding or not. False for anything else.
bool base64_decode(std::string_view text, std::string& bytes);

} // namespace gantry::cli
