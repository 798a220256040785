#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

// The bytes of an HTTP exchange. Nothing here reads or writes; a plugin is not trusted to answer in HTTP.
namespace gantry::volume_docker {

/// No honest answer is longer, headers included.
inline constexpr std::size_t longest_answer = std::size_t{4} << 20;

/// A POST of JSON to `path`, after whose answer the connection ends.
std::string make_request(const std::string& path, const std::string& body);

struct Answer {
  int status = 0;
  std::string body;
};

/// The answer that `bytes`, everything read so far, begins with. Absent while more has to come; `ended` says that nothing will.
/// Throws `unavailable` for what is no HTTP, or ended too early.
std::optional<Answer> parse_answer(std::string_view bytes, bool ended);

} // namespace gantry::volume_docker
