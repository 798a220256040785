#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gantry::containers {

/// "10m", "1.5GB", "512": bytes with Docker's binary suffixes (b k m g t p, an optional b or ib after it); absent when the
/// text is no size.
std::optional<std::int64_t> parse_byte_size(std::string_view text);
/// The same with decimal suffixes, as Docker reads the sizes of logs: "10k" is 10000.
std::optional<std::int64_t> parse_human_size(std::string_view text);

} // namespace gantry::containers
