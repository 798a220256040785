#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "cli/args/flag_set.hpp"
#include "cli/args/wrap.hpp"

namespace gantry::cli {
namespace {

std::size_t terminal_width() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1) return size.ws_col - 1U;
  return 79;
}

std::string left_column(const Flag& flag) {
  std::string out = flag.short_name ? std::string("  -") + flag.short_name + ", --" : "      --";
  out += flag.name;
  if (!flag.type.empty()) out += " " + flag.type;
  return out;
}

} // namespace

std::string FlagSet::help() const {
  std::string out = usage_line(invocation_) + "\n" + std::string(invocation_.command.summary) + "\n";
  if (const std::string aliases = alias_line(invocation_.command); !aliases.empty()) out += "\nAliases:\n  " + aliases + "\n";
  std::vector<const Flag*> shown;
  std::size_t column = 0;
  for (const Flag& flag : flags_) {
    if (flag.hidden) continue;
    shown.push_back(&flag);
    column = std::max(column, left_column(flag).size() + 3);
  }
  if (shown.empty()) return out;
  std::sort(shown.begin(), shown.end(), [](const Flag* a, const Flag* b) { return a->name < b->name; });
  out += "\nOptions:\n";
  const std::size_t width = terminal_width();
  for (const Flag* flag : shown) {
    std::string left = left_column(*flag);
    left.resize(column, ' ');
    const std::string text = flag->help + (flag->standard.empty() ? "" : " (default " + flag->standard + ")");
    out += left + wrap(text, column, width) + "\n";
  }
  return out;
}

} // namespace gantry::cli
