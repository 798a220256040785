#include <algorithm>

#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/container/each.hpp"
#include "cli/commands/format_help.hpp"
#include "cli/commands/image/reference.hpp"
#include "cli/failure.hpp"
#include "cli/format/listing.hpp"
#include "cli/format/units.hpp"

namespace gantry::cli {
namespace {

const Json& list_of(const Json& usage, const char* key) {
  static const Json none = Json::array();
  return usage.contains(key) && usage[key].is_array() ? usage[key] : none;
}

/// One line of the summary.
struct Kind {
  std::string name;
  std::size_t total = 0, active = 0;
  double size = 0, reclaimable = 0;
};

Kind images(const Json& usage) {
  Kind kind{"Images", list_of(usage, "Images").size()};
  kind.size = kind.reclaimable = usage.value("LayersSize", 0.0);
  for (const Json& image : list_of(usage, "Images")) {
    if (image.value("Containers", 0) == 0) continue;
    ++kind.active;
    kind.reclaimable -= image.value("Size", 0.0) - image.value("SharedSize", 0.0);
  }
  return kind;
}

bool is_running(const Json& container) {
  const std::string state = container.value("State", "");
  return state == "running" || state == "paused" || state == "restarting";
}

Kind containers(const Json& usage) {
  Kind kind{"Containers", list_of(usage, "Containers").size()};
  for (const Json& container : list_of(usage, "Containers")) {
    const double size = container.value("SizeRw", 0.0);
    kind.size += size;
    if (is_running(container))
      ++kind.active;
    else
      kind.reclaimable += size;
  }
  return kind;
}

double volume_number(const Json& volume, const char* key) {
  const Json data = volume.value("UsageData", Json::object());
  return data.is_object() ? data.value(key, 0.0) : 0;
}

Kind volumes(const Json& usage) {
  Kind kind{"Local Volumes", list_of(usage, "Volumes").size()};
  for (const Json& volume : list_of(usage, "Volumes")) {
    const double size = std::max(volume_number(volume, "Size"), 0.0);
    kind.size += size;
    if (volume_number(volume, "RefCount") > 0)
      ++kind.active;
    else
      kind.reclaimable += size;
  }
  return kind;
}

Kind build_cache(const Json& usage) {
  Kind kind{"Build Cache", list_of(usage, "BuildCache").size()};
  for (const Json& record : list_of(usage, "BuildCache")) {
    const double size = record.value("Shared", false) ? 0 : record.value("Size", 0.0);
    kind.size += size;
    if (record.value("InUse", false))
      ++kind.active;
    else
      kind.reclaimable += size;
  }
  return kind;
}

Json logs_of(const Json& usage) {
  const Json ours = usage.value("Gantry", Json::object());
  return ours.value("Logs", Json::object());
}

Kind logs(const Json& usage) {
  Kind kind{"Logs", logs_of(usage).value("Files", std::size_t{0})};
  kind.active = kind.total;
  kind.size = logs_of(usage).value("Size", 0.0);
  return kind;
}

std::string reclaimable(const Kind& kind) {
  const std::string text = human_size(kind.reclaimable);
  if (kind.size <= 0 || kind.name == "Build Cache") return text;
  return text + " (" + std::to_string(static_cast<long>(kind.reclaimable * 100 / kind.size)) + "%)";
}

std::string summary(const Json& usage, const std::string& format) {
  const std::string standard = "{{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}";
  Listing listing(format, standard, "*formatter.diskUsageContext");
  listing.headings(
      {{"Type", "TYPE"}, {"TotalCount", "TOTAL"}, {"Active", "ACTIVE"}, {"Size", "SIZE"}, {"Reclaimable", "RECLAIMABLE"}});
  for (const Kind& kind : {images(usage), containers(usage), volumes(usage), build_cache(usage), logs(usage)})
    listing.add({{"Active", std::to_string(kind.active)},
                 {"Reclaimable", reclaimable(kind)},
                 {"Size", human_size(kind.size)},
                 {"TotalCount", std::to_string(kind.total)},
                 {"Type", kind.name}});
  return listing.text();
}

std::string since(const Json& object) {
  return human_duration(now_seconds() - object.value("Created", std::int64_t{0})) + " ago";
}

std::string short_id(const std::string& id) { return id.substr(id.starts_with("sha256:") ? 7 : 0, 12); }

std::string image_lines(const Json& usage) {
  std::string lines = "REPOSITORY\tTAG\tIMAGE ID\tCREATED\tSIZE\tSHARED SIZE\tUNIQUE SIZE\tCONTAINERS\n";
  for (const Json& image : list_of(usage, "Images")) {
    const double size = image.value("Size", 0.0), shared = image.value("SharedSize", 0.0);
    const std::string rest = '\t' + short_id(image.value("Id", "")) + '\t' + since(image) + '\t' + human_size(size, 3) + '\t' +
                             human_size(shared, 3) + '\t' + human_size(size - shared, 3) + '\t' +
                             std::to_string(image.value("Containers", 0)) + '\n';
    const Json& tags = list_of(image, "RepoTags");
    if (tags.empty()) lines += "<none>\t<none>" + rest;
    for (const Json& tag : tags) {
      const Reference name = split_reference(tag.get<std::string>());
      lines += name.name + '\t' + name.tag + rest;
    }
  }
  return align_columns(lines);
}

std::string image_name(const Json& container) {
  const std::string image = container.value("Image", "");
  return image.starts_with("sha256:") ? short_id(image) : image;
}

std::string container_lines(const Json& usage) {
  std::string lines = "CONTAINER ID\tIMAGE\tCOMMAND\tLOCAL VOLUMES\tSIZE\tCREATED\tSTATUS\tNAMES\n";
  for (const Json& container : list_of(usage, "Containers")) {
    std::string names, command = container.value("Command", "");
    for (const Json& name : list_of(container, "Names")) names += (names.empty() ? "" : ",") + name.get<std::string>().substr(1);
    if (command.size() > 20) command = command.substr(0, 19) + "…";
    std::size_t local = 0;
    for (const Json& mount : list_of(container, "Mounts")) local += mount.value("Type", "") == "volume";
    lines += short_id(container.value("Id", "")) + '\t' + image_name(container) + "\t\"" + command + "\"\t" +
             std::to_string(local) + '\t' + human_size(container.value("SizeRw", 0.0), 3) + '\t' + since(container) + '\t' +
             container.value("Status", "") + '\t' + names + '\n';
  }
  return align_columns(lines);
}

std::string volume_lines(const Json& usage) {
  std::string lines = "VOLUME NAME\tLINKS\tSIZE\n";
  for (const Json& volume : list_of(usage, "Volumes"))
    lines += volume.value("Name", "") + '\t' + std::to_string(static_cast<long>(volume_number(volume, "RefCount"))) + '\t' +
             human_size(std::max(volume_number(volume, "Size"), 0.0), 3) + '\n';
  return align_columns(lines);
}

std::string details(const Json& usage) {
  return "Images space usage:\n\n" + image_lines(usage) + "\nContainers space usage:\n\n" + container_lines(usage) +
         "\nLocal Volumes space usage:\n\n" + volume_lines(usage) +
         "\nBuild cache usage: " + human_size(build_cache(usage).size) + "\n\nLogs usage: " + human_size(logs(usage).size) + '\n';
}

} // namespace

int system_df(Invocation& in) {
  bool verbose = false;
  std::string format;
  FlagSet flags(in);
  flags.text("format", 0, format, table_format_help);
  flags.boolean("verbose", 'v', verbose, "Show each image, container and volume");
  flags.parse();
  if (verbose && !format.empty()) throw Failure("the verbose and the format options conflict");
  const Json usage = in.client.get("/system/df");
  print_text(verbose ? details(usage) : summary(usage, format));
  return 0;
}

} // namespace gantry::cli
