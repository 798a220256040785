#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::api {

/// The decoded query of a request. Names may repeat.
class Query {
 public:
  Query() = default;
  /// The part of a target behind "?", still percent-encoded. invalid for a broken escape.
  explicit Query(std::string_view encoded);

  /// As it was sent.
  const std::string& text() const { return text_; }
  bool has(std::string_view name) const;
  /// The first value, empty when there is none.
  const std::string& get(std::string_view name) const;
  std::vector<std::string> all(std::string_view name) const;
  /// Docker's booleans: "" 0 no false none (any case) are false, everything else is true. `absent` when not given.
  bool flag(std::string_view name, bool absent = false) const;
  /// Base-10, absent when not given or empty; invalid otherwise, naming the parameter and the value.
  std::optional<std::int64_t> integer(std::string_view name) const;

 private:
  std::string text_;
  std::vector<std::pair<std::string, std::string>> values_;
};

/// "%2F" → "/"; `plus` also turns "+" into a space (queries). invalid for a broken escape or a NUL.
std::string percent_decode(std::string_view text, bool plus);

} // namespace gantry::api
