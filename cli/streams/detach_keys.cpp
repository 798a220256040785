#include <string_view>

#include "cli/failure.hpp"
#include "cli/streams/session.hpp"

namespace gantry::cli {
namespace {

char key_byte(std::string_view key) {
  if (key.size() == 1) return key[0];
  if (!key.starts_with("ctrl-") || key.size() != 6) throw Failure("Unknown character: '" + std::string(key) + "'");
  const char c = key[5];
  if (c >= 'a' && c <= 'z') return static_cast<char>(c - 'a' + 1);
  constexpr std::string_view rest = "@[\\]^_";
  constexpr char codes[] = {0, 27, 28, 29, 30, 31};
  const auto at = rest.find(c);
  if (at == std::string_view::npos) throw Failure("Unknown character: '" + std::string(key) + "'");
  return codes[at];
}

} // namespace

std::string detach_sequence(const std::string& keys) {
  std::string_view rest = keys.empty() ? "ctrl-p,ctrl-q" : std::string_view(keys);
  std::string out;
  while (true) {
    const auto comma = rest.find(',');
    out += key_byte(rest.substr(0, comma));
    if (comma == std::string_view::npos) return out;
    rest.remove_prefix(comma + 1);
  }
}

} // namespace gantry::cli
