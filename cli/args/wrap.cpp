#include "cli/args/wrap.hpp"

#include <algorithm>

namespace gantry::cli {

std::string wrap(const std::string& text, std::size_t indent, std::size_t width) {
  const std::size_t room = std::max<std::size_t>(width > indent ? width - indent : 0, 24);
  const std::string margin = "\n" + std::string(indent, ' ');
  std::string out;
  std::size_t line = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '\n') {
      out += margin;
      line = 0;
      ++at;
      continue;
    }
    const std::size_t end = std::min(text.find_first_of(" \n", text.find_first_not_of(' ', at)), text.size());
    std::string word = text.substr(at, end - at);
    if (line > 0 && line + word.size() > room) {
      out += margin;
      line = 0;
      word.erase(0, word.find_first_not_of(' '));
    }
    out += word;
    line += word.size();
    at = end;
  }
  return out;
}

} // namespace gantry::cli
