#include "options.hpp"

#include <cctype>
#include <charconv>
#include <cmath>
#include <string_view>

namespace gantry::volume_local {
namespace {

Error missing(const char* option) { return {Code::invalid, std::string("missing required option: \"") + option + "\""}; }

/// Docker's binary sizes: "10g", "1.5 MiB", "512".
std::uint64_t parse_size(const std::string& text) {
  const Error wrong(Code::invalid, "invalid size: '" + text + "'");
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc() || !std::isfinite(number) || number < 0) throw wrong;
  std::string unit(end, text.data() + text.size());
  if (!unit.empty() && unit[0] == ' ') unit.erase(0, 1);
  for (char& c : unit) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  constexpr std::string_view scale = "kmgtp";
  const std::size_t power = unit.empty() ? std::string_view::npos : scale.find(unit[0]);
  if (power != std::string_view::npos) unit.erase(0, 1);
  if (!unit.empty() && unit != "b" && unit != "ib") throw wrong;
  const double bytes = std::ldexp(number, power == std::string_view::npos ? 0 : 10 * (static_cast<int>(power) + 1));
  if (bytes >= std::ldexp(1.0, 63)) throw wrong;
  return static_cast<std::uint64_t>(bytes);
}

} // namespace

Error no_quota() { return {Code::invalid, "quota size requested but no quota support"}; }

Options parse_options(const VolumeSettings& settings) {
  Options options;
  bool any = false;
  for (const auto& [key, value] : settings) {
    if (key == "type") {
      options.type = value;
    } else if (key == "device") {
      options.device = value;
    } else if (key == "o") {
      options.o = value;
    } else if (key == "size") {
      options.size = parse_size(value);
    } else {
      throw Error(Code::invalid, "invalid option: \"" + key + "\"");
    }
    any = any || key != "size";
  }
  if (any && options.device.empty()) throw missing("device");
  if (any && options.type.empty()) throw missing("type");
  if (options.size != 0 && !options.device.empty()) throw no_quota();
  return options;
}

} // namespace gantry::volume_local
