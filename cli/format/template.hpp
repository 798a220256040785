#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/json.hpp"

namespace gantry::cli {

namespace ast {
struct Node;
}

/// A Go template, as far as --format needs one: fields, pipes, variables, if/else/range/with, comparison, index, len, printf, and
/// Docker's own functions (json, join, split, lower, upper, title, pad, truncate, println).
///
/// Wrong templates throw Failure with Go's sentence, from "template: " on.
class Template {
 public:
  explicit Template(const std::string& text);
  ~Template();
  Template(Template&&) noexcept;

  /// Something with fields that the template runs on.
  struct Data {
    Json value;
    /// Go's name of the type, for the error about a field that does not exist; empty: the data is a map.
    std::string type{};
    /// Fields that take arguments: `.Label "x"`.
    std::function<std::optional<Json>(const std::string& name, const std::vector<Json>& arguments)> method{};
  };
  std::string run(const Data& data) const;

 private:
  std::vector<ast::Node> nodes_;
};

/// A value as Go prints it: "[a b]", "map[k:v]", "<no value>".
std::string to_text(const Json& value);
/// JSON as Go's encoder writes it: <, > and & escaped.
std::string to_go_json(const Json& value);

} // namespace gantry::cli
