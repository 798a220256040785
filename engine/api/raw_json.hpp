#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::api {

/// The text of a member's value in the text of an object, without a tree being built; empty when it is not there or the text
/// is no object. What is returned has balanced brackets and closed strings.
std::string_view raw_member(std::string_view object, std::string_view key);

/// All members of an object, found in one pass; those behind what is not well formed are missing. Views into the text.
class RawObject {
 public:
  explicit RawObject(std::string_view object);
  /// Empty when it is not there; the first one of a name counts.
  std::string_view operator[](std::string_view key) const;

 private:
  std::vector<std::pair<std::string_view, std::string_view>> members_;
};

/// `text` as a JSON string, quoted.
std::string quoted(const std::string& text);

} // namespace gantry::api
