#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/container/each.hpp"
#include "cli/format/units.hpp"

namespace gantry::cli {

/// Exit code 1 when something stays broken.
int check_system(Invocation& in) {
  bool repair = false, json = false;
  FlagSet flags(in);
  flags.boolean("repair", 0, repair, "Mend what can be mended: layers from their blobs; remove what no image knows");
  flags.boolean("json", 0, json, "Show the engine's answer as JSON");
  flags.parse();
  const Query query = Query().add_if(repair, "repair");
  const Json answer = in.client.call({"POST", "/gantry/system/check", query}).read_json();
  bool broken = false;
  for (const Json& one : answer["Problems"]) broken = broken || !one.value("Repaired", false);
  if (json) {
    print_line(answer.dump(2));
    return broken ? 1 : 0;
  }
  for (const Json& one : answer["Problems"])
    print_line(one.value("Kind", "") + ' ' + one.value("Name", "") + ": " + one.value("Problem", "") +
               (one.value("Repaired", false) ? " (repaired: " : " (") + one.value("Remedy", "") + ')');
  const Json& checked = answer["Checked"];
  const auto count = [&](const char* what) { return std::to_string(checked.value(what, 0L)); };
  print_line("Checked " + count("Images") + " images, " + count("Layers") + " layers, " + count("Blobs") + " blobs (" +
             human_size(checked.value("BlobBytes", 0.0)) + ") and " + count("Containers") + " containers: " +
             (answer["Problems"].empty() ? "nothing is wrong" : std::to_string(answer["Problems"].size()) + " problems"));
  return broken ? 1 : 0;
}

} // namespace gantry::cli
