#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace gantry::cli {

/// Percent-encodes everything but letters, digits and "-_.~".
std::string url_encode(std::string_view text);

/// The part of a URL behind the '?', built key by key.
class Query {
 public:
  Query() = default;
  Query(std::initializer_list<std::pair<std::string_view, std::string_view>> pairs) {
    for (const auto& [key, value] : pairs) add(key, value);
  }
  Query& add(std::string_view key, std::string_view value);
  Query& add_unless_empty(std::string_view key, std::string_view value) { return value.empty() ? *this : add(key, value); }
  Query& add_if(bool condition, std::string_view key, std::string_view value = "1") {
    return condition ? add(key, value) : *this;
  }
  /// "?a=b&c=d", or nothing.
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

} // namespace gantry::cli
