#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/format_help.hpp"
#include "cli/commands/system/info_text.hpp"
#include "cli/failure.hpp"
#include "cli/format/listing.hpp"
#include "cli/format/template.hpp"

namespace gantry::cli {

int system_info(Invocation& in) {
  std::string format;
  FlagSet flags(in);
  flags.text("format", 'f', format, object_format_help);
  flags.parse();
  Json info;
  std::string error;
  try {
    info = in.client.get("/info");
  } catch (const Failure& e) {
    error = e.what();
  }
  if (format.empty()) {
    print_text(info_text(info));
    print_warnings(info);
    if (!error.empty()) throw Failure("failed to connect to the engine: " + error);
    return 0;
  }
  if (info.is_null()) info = Json::object();
  info["ServerErrors"] = error.empty() ? Json(nullptr) : Json::array({error});
  info["ClientInfo"] = {{"Version", GANTRY_VERSION}, {"Debug", false}};
  print_text(Template(format == "json" ? "{{json .}}" : format).run({info, "system.dockerInfo"}) + "\n");
  if (!error.empty()) throw Failure(error);
  return 0;
}

} // namespace gantry::cli
