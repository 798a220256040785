#include "cli/commands/inspect_objects.hpp"

#include <optional>

#include "cli/failure.hpp"
#include "cli/format/listing.hpp"
#include "cli/format/template.hpp"

namespace gantry::cli {

int inspect_objects(const std::vector<std::string>& names, const std::string& format,
                    const std::function<Json(const std::string&)>& get) {
  std::optional<Template> line;
  const bool plain = format.empty();
  try {
    if (!plain) line.emplace(format == "json" ? "{{json .}}" : format);
  } catch (const Failure& e) {
    throw Failure(std::string("template parsing error: ") + e.what(), 64);
  }
  Json found = Json::array();
  std::string errors, out;
  for (const std::string& name : names) {
    try {
      found.push_back(get(name));
    } catch (const ConnectionLost&) {
      throw;
    } catch (const Failure& e) {
      errors += (errors.empty() ? "" : "\n") + std::string(e.what());
      continue;
    }
    if (plain) continue;
    try {
      out += line->run({found.back()}) + "\n";
    } catch (const Failure& e) {
      print_text(out + "\n");
      throw Failure(std::string("template parsing error: ") + e.what());
    }
  }
  if (plain) out = found.dump(4, ' ', false, Json::error_handler_t::replace) + "\n";
  if (!plain && found.empty()) out = "\n";
  print_text(out);
  if (!errors.empty()) throw Failure(errors);
  return 0;
}

} // namespace gantry::cli
