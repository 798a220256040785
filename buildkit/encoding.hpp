#pragma once

#include <string>
#include <string_view>

namespace gantry::buildkit {

std::string base64_encode(std::string_view bytes);
/// False for what is not base64. Line breaks and missing padding are not accepted.
bool base64_decode(std::string_view text, std::string& bytes);
/// "sha256:" and 64 hexadecimal digits.
std::string sha256(std::string_view bytes);
/// For a query: everything but letters, digits and -_.~ as %XX.
std::string url_encode(std::string_view text);
/// Random letters and digits, as ids of BuildKit look.
std::string random_id();

} // namespace gantry::buildkit
