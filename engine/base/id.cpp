#include "base/id.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/error.hpp"

namespace gantry {

namespace {

std::string random_hex() {
  static constexpr char digits[] = "0123456789abcdef";
  std::array<unsigned char, 32> bytes{};
  // Up to 256 bytes come whole once the pool is initialised (getrandom(2)).
  while (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    if (errno != EINTR) throw os_error("getrandom", errno);
  }
  std::string out;
  out.reserve(2 * bytes.size());
  for (const auto byte : bytes) out += {digits[byte >> 4], digits[byte & 15]};
  return out;
}

bool is_number(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

} // namespace

std::string random_id() {
  std::string id;
  do id = random_hex();
  while (is_number(short_id(id)));
  return id;
}

std::string short_id(std::string_view id) {
  static constexpr std::string_view algorithm = "sha256:";
  if (id.starts_with(algorithm)) id.remove_prefix(algorithm.size());
  return std::string(id.substr(0, 12));
}

} // namespace gantry
