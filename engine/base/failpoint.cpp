#include "base/failpoint.hpp"

#include <signal.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <thread>

#include "base/error.hpp"

namespace gantry {

namespace {

struct Fault {
  enum class Kind { kill, error, sleep } kind = Kind::kill;
  std::chrono::milliseconds delay{0};
};

using Faults = std::map<std::string, Fault, std::less<>>;

Fault parse_fault(std::string_view action) {
  static constexpr std::string_view sleep = "sleep:";
  if (action == "kill") return {Fault::Kind::kill};
  if (action == "error") return {Fault::Kind::error};
  if (action.starts_with(sleep)) {
    int ms = 0;
    const char* end = action.data() + action.size();
    const auto parsed = std::from_chars(action.data() + sleep.size(), end, ms);
    if (parsed.ec == std::errc() && parsed.ptr == end && ms >= 0) return {Fault::Kind::sleep, std::chrono::milliseconds(ms)};
  }
  throw invalid("GANTRY_FAILPOINTS: bad action \"" + std::string(action) + "\": allowed are kill, error, sleep:MS");
}

Faults parse_faults(std::string_view text) {
  Faults faults;
  while (!text.empty()) {
    const auto item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    const auto equals = item.find('=');
    if (equals == std::string_view::npos) throw invalid("GANTRY_FAILPOINTS: \"" + std::string(item) + "\" is not NAME=ACTION");
    faults[std::string(item.substr(0, equals))] = parse_fault(item.substr(equals + 1));
  }
  return faults;
}

} // namespace

void failpoint(const char* name) {
  static const Faults faults = [] {
    const char* text = std::getenv("GANTRY_FAILPOINTS");
    return parse_faults(text ? text : "");
  }();
  if (faults.empty()) return;
  const auto found = faults.find(std::string_view(name));
  if (found == faults.end()) return;
  switch (found->second.kind) {
    case Fault::Kind::kill:
      ::kill(::getpid(), SIGKILL);
      break;
    case Fault::Kind::error:
      throw internal("failpoint " + std::string(name));
    case Fault::Kind::sleep:
      std::this_thread::sleep_for(found->second.delay);
      break;
  }
}

} // namespace gantry
