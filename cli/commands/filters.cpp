#include "cli/commands/filters.hpp"

#include <algorithm>
#include <cctype>
#include <stdexcept>

namespace gantry::cli {
namespace {

std::string trimmed(const std::string& text) {
  const auto from = text.find_first_not_of(" \t"), to = text.find_last_not_of(" \t");
  return from == std::string::npos ? "" : text.substr(from, to - from + 1);
}

} // namespace

void Filters::add_flag(FlagSet& flags, const char* help, char short_name) {
  flags.add({"filter", short_name, "filter", help, {}, [this](const std::string& text) {
               if (text.empty()) return;
               const auto mark = text.find('=');
               if (mark == std::string::npos) throw std::invalid_argument("bad format of filter (expected name=value)");
               std::string name = trimmed(text.substr(0, mark));
               std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
               add(name, trimmed(text.substr(mark + 1)));
             }});
}

std::vector<std::string> Filters::sorted() const {
  std::vector<std::string> all;
  for (const auto& [name, values] : map_.items())
    for (const auto& [value, ignored] : values.items()) all.push_back(name + '=' + value);
  return all;
}

} // namespace gantry::cli
