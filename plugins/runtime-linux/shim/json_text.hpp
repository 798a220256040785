#pragma once

#include <cstddef>

namespace gantry::runtime_linux::shim {

/// Longest output of escape_json for `n` bytes.
constexpr std::size_t escaped_bound(std::size_t n) { return 6 * n; }

/// The inside of a JSON string as Go's encoding/json spells it: <, >, &, U+2028 and U+2029 as \u…, every invalid UTF-8
/// byte as \ufffd, or `exact` as \udcXX (a lone surrogate, which no valid text has), so that unescaping brings it back.
/// Returns the end of what was written.
char* escape_json(char* out, const char* text, std::size_t size, bool exact);

/// Undoes it in place of at most `size` bytes; stops at the closing quote. Returns the number of bytes written to `out` and
/// the position behind the quote in `end` (null when there is none).
std::size_t unescape_json(char* out, const char* text, std::size_t size, const char** end);

/// Length of an unfinished UTF-8 sequence at the end of `text`, 0-3.
std::size_t unfinished_tail(const char* text, std::size_t size);

} // namespace gantry::runtime_linux::shim
