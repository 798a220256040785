#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/json.hpp"

namespace gantry::cli {

class Template;

/// Rows that are printed as --format says: "table" (or nothing), "table TEMPLATE", "json", or a template.
class Listing {
 public:
  using Method = std::function<std::optional<Json>(const std::string& name, const std::vector<Json>& arguments)>;

  /// `standard`: the template of the plain table, cells separated by tabs. `type`: Go's name for a row, in messages.
  Listing(std::string format, std::string standard, std::string type);

  /// Names the fields and their headings.
  void headings(std::vector<std::pair<std::string, std::string>> names) { headings_ = std::move(names); }
  /// Whether the template uses this field: some cost the daemon much.
  bool uses(const std::string& field) const { return template_.find("." + field) != std::string::npos; }
  bool is_table() const { return table_; }
  void add(Json row, Method method = {}) { rows_.emplace_back(std::move(row), std::move(method)); }
  /// The whole output. Throws Failure for a wrong template.
  std::string text() const;

 private:
  std::string heading_line(const Template& line) const;

  bool table_ = false;
  std::string template_, type_;
  std::vector<std::pair<std::string, std::string>> headings_;
  std::vector<std::pair<Json, Method>> rows_;
};

/// Cells separated by tabs as columns of at least ten characters, three blanks apart.
std::string align_columns(const std::string& lines, std::size_t min_width = 10, std::size_t gap = 3);
void print_text(const std::string& text);

} // namespace gantry::cli
