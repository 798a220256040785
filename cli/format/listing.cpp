#include "cli/format/listing.hpp"

#include <algorithm>
#include <cstdio>

#include "cli/failure.hpp"
#include "cli/format/template.hpp"

namespace gantry::cli {
namespace {

std::size_t characters(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  for (const char c : line) {
    if (c == '\t')
      cells.emplace_back();
    else
      cells.back() += c;
  }
  return cells;
}

/// Users write \t and \n in their shell.
std::string unescape(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == 't' || text[i + 1] == 'n');
    out += escape ? (text[i + 1] == 't' ? '\t' : '\n') : text[i];
    i += escape ? 1 : 0;
  }
  return out;
}

} // namespace

Listing::Listing(std::string format, std::string standard, std::string type) : type_(std::move(type)) {
  if (format.empty() || format == "table") {
    table_ = true;
    template_ = std::move(standard);
  } else if (format == "json") {
    template_ = "{{json .}}";
  } else {
    table_ = format.starts_with("table ");
    template_ = unescape(table_ ? format.substr(6) : format);
    template_.erase(0, std::min(template_.find_first_not_of(' '), template_.size()));
  }
}

std::string Listing::text() const {
  std::optional<Template> line;
  try {
    line.emplace(template_);
  } catch (const Failure& e) {
    throw Failure(std::string("failed to parse template: ") + e.what());
  }
  std::string out;
  try {
    if (table_) out += heading_line(*line) + "\n";
    for (const auto& [row, method] : rows_) out += line->run({row, type_, method}) + "\n";
  } catch (const Failure& e) {
    throw Failure(std::string("failed to execute template: ") + e.what());
  }
  return table_ ? align_columns(out) : out;
}

std::string Listing::heading_line(const Template& line) const {
  Json names = Json::object();
  for (const auto& [name, heading] : headings_) names[name] = heading;
  const Method method = [](const std::string&, const std::vector<Json>& arguments) -> std::optional<Json> {
    if (arguments.empty()) return std::nullopt;
    const std::string key = to_text(arguments[0]);
    return Json(key.substr(key.find_last_of("./") + 1));
  };
  return line.run({names, type_, method});
}

std::string align_columns(const std::string& text, std::size_t min_width, std::size_t gap) {
  std::vector<std::vector<std::string>> lines;
  std::vector<std::size_t> widths;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(cells_of(text.substr(at, end - at)));
    at = end + 1;
    // The last cell of a line belongs to no column.
    for (std::size_t i = 0; i + 1 < lines.back().size(); ++i) {
      if (i == widths.size()) widths.push_back(min_width);
      widths[i] = std::max(widths[i], characters(lines.back()[i]) + gap);
    }
  }
  std::string out;
  for (const auto& cells : lines) {
    for (std::size_t i = 0; i + 1 < cells.size(); ++i) out += cells[i] + std::string(widths[i] - characters(cells[i]), ' ');
    out += cells.back() + "\n";
  }
  return out;
}

void print_text(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

} // namespace gantry::cli
