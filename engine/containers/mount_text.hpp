#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gantry::containers {

/// The words behind the second colon of a bind.
struct BindMode {
  bool read_only = false, no_copy = false, mapped = false;
  std::string propagation;
  char relabel = 0; ///< SELinux: 'z' for all containers, 'Z' for this one
};

struct BindText {
  std::string source, target, mode;
};

bool is_propagation(std::string_view word);
/// Absent when a word is unknown, or a kind of word is there twice.
std::optional<BindMode> parse_mode(const std::string& text);
/// "[source:]target[:mode]"; invalid with Docker's text.
BindText split_bind(const std::string& spec);

} // namespace gantry::containers
