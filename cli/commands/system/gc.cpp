#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/container/each.hpp"
#include "cli/format/units.hpp"

namespace gantry::cli {
namespace {

void print_budget(const char* what, const Json& part) {
  const double keep = part["Policy"].value("KeepStorage", 0.0);
  std::string line = std::string(what) + ": " + human_size(part.value("Size", 0.0));
  if (keep == 0) {
    print_line(line + ", no budget");
    return;
  }
  print_line(line + " of " + human_size(keep));
}

} // namespace

int collect_garbage(Invocation& in) {
  bool dry_run = false, json = false;
  FlagSet flags(in);
  flags.boolean("dry-run", 0, dry_run, "Only show what would be deleted");
  flags.boolean("json", 0, json, "Show the engine's answer as JSON");
  flags.parse();
  const Query query = Query().add_if(dry_run, "dry-run");
  const Json answer = in.client.call({"POST", "/gantry/system/gc", query}).read_json();
  if (json) {
    print_line(answer.dump(2));
    return 0;
  }
  const Json &images = answer["Images"], &cache = answer["BuildCache"];
  print_budget("Images", images);
  print_budget("Build cache", cache);
  const std::string verb = dry_run ? "Would delete " : "Deleted ";
  for (const Json& one : images["Deleted"]) {
    std::string names;
    for (const Json& name : one["Names"]) names += ' ' + name.get<std::string>();
    print_line(verb + one.value("ID", "") + names + " (" + human_size(one.value("Freed", 0.0)) + ", last used " +
               one.value("LastUsed", "") + ')');
  }
  if (!cache["Deleted"].empty())
    print_line(verb + std::to_string(cache["Deleted"].size()) + " entries of the build cache (" +
               human_size(cache.value("Freed", 0.0)) + ')');
  print_line((dry_run ? "Total that would be freed: " : "Total freed: ") +
             human_size(images.value("Freed", 0.0) + cache.value("Freed", 0.0)));
  return 0;
}

} // namespace gantry::cli
