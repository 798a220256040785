#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gantry::containers {

/// Linux signal number of a name with or without "SIG" (any case; RTMIN+n, RTMAX-n) or of a decimal number.
/// Numbers are not limited to what exists; 0 and everything that is no signal is absent.
std::optional<int> parse_signal(std::string_view text);
/// "SIGTERM"; "signal 40" for one without a name of its own.
std::string signal_name(int number);
/// 1 to 64.
bool is_linux_signal(int number);

} // namespace gantry::containers
