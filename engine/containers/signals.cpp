#include "containers/signals.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace gantry::containers {
namespace {

constexpr int rt_min = 34, rt_max = 64; // what glibc leaves to programs; Docker's table says the same

struct Name {
  std::string_view name;
  int number;
};

// signal(7), x86 and ARM.
constexpr std::array names = {
    Name{"HUP", 1},   Name{"INT", 2},   Name{"QUIT", 3},  Name{"ILL", 4},     Name{"TRAP", 5},    Name{"ABRT", 6},
    Name{"IOT", 6},   Name{"BUS", 7},   Name{"FPE", 8},   Name{"KILL", 9},    Name{"USR1", 10},   Name{"SEGV", 11},
    Name{"USR2", 12}, Name{"PIPE", 13}, Name{"ALRM", 14}, Name{"TERM", 15},   Name{"STKFLT", 16}, Name{"CHLD", 17},
    Name{"CLD", 17},  Name{"CONT", 18}, Name{"STOP", 19}, Name{"TSTP", 20},   Name{"TTIN", 21},   Name{"TTOU", 22},
    Name{"URG", 23},  Name{"XCPU", 24}, Name{"XFSZ", 25}, Name{"VTALRM", 26}, Name{"PROF", 27},   Name{"WINCH", 28},
    Name{"IO", 29},   Name{"POLL", 29}, Name{"PWR", 30},  Name{"SYS", 31},    Name{"UNUSED", 31},
};

std::optional<int> parse_signal_number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<int> parse_realtime(std::string_view name) {
  if (name == "RTMIN") return rt_min;
  if (name == "RTMAX") return rt_max;
  const bool up = name.starts_with("RTMIN+");
  if (!up && !name.starts_with("RTMAX-")) return std::nullopt;
  const auto offset = parse_signal_number(name.substr(6));
  if (!offset || *offset < 0 || *offset > rt_max - rt_min) return std::nullopt;
  return up ? rt_min + *offset : rt_max - *offset;
}

} // namespace

std::optional<int> parse_signal(std::string_view text) {
  if (const auto number = parse_signal_number(text)) return *number == 0 ? std::nullopt : number;
  std::string name(text);
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (name.starts_with("SIG")) name.erase(0, 3);
  for (const auto& entry : names) {
    if (entry.name == name) return entry.number;
  }
  return parse_realtime(name);
}

bool is_linux_signal(int number) { return number >= 1 && number <= rt_max; }

std::string signal_name(int number) {
  for (const auto& entry : names) {
    if (entry.number == number) return "SIG" + std::string(entry.name);
  }
  return "signal " + std::to_string(number);
}

} // namespace gantry::containers
