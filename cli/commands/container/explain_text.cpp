#include "cli/commands/container/explain_text.hpp"

#include <cstdio>

#include "cli/format/listing.hpp"
#include "cli/format/units.hpp"

namespace gantry::cli {
namespace {

std::string milliseconds(const Json& ns) {
  if (!ns.is_number()) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.1f ms", ns.get<double>() / 1e6);
  return text;
}

/// Short ones in milliseconds: a start is worth tenths of them.
std::string span(const Json& ns) {
  if (!ns.is_number() || ns.get<double>() < 1e9) return milliseconds(ns);
  return human_duration(static_cast<std::int64_t>(ns.get<double>() / 1e9));
}

std::string start_text(const Json& start) {
  if (!start.is_object()) return "";
  std::string out = "\nLast start, by " + (start.value("By", "") == "user" ? std::string("a user") : "its restart policy") +
                    " at " + start.value("Time", "") + ":\n";
  std::string rows;
  for (const Json& step : start.value("Steps", Json::array())) {
    const bool failed = step.value("Name", "") == start.value("FailedStep", "");
    rows +=
        "  " + step.value("Name", "") + "\t" + milliseconds(step.value("TookNs", Json())) + (failed ? " (failed)" : "") + "\n";
  }
  return out + align_columns(rows + "  total\t" + milliseconds(start.value("TotalNs", Json())) + "\n");
}

std::string runs_text(const Json& runs) {
  if (!runs.is_array() || runs.empty()) return "";
  std::string rows = "  STARTED\tBY\tRAN\tEXIT CODE\tENDED BY\tNEXT START\n";
  for (const Json& run : runs) {
    const Json delay = run.value("DelayNs", Json());
    rows += "  " + run.value("StartedAt", "").substr(0, 19) + "Z\t" + run.value("StartedBy", "") + "\t" +
            span(run.value("TookNs", Json())) + "\t" + std::to_string(run.value("ExitCode", 0)) + "\t" +
            run.value("EndedBy", "") + "\t" + (delay.is_number() ? span(delay) + " later" : "-") + "\n";
  }
  return "\nLast runs, oldest first:\n" + align_columns(rows);
}

} // namespace

std::string explain_text(const Json& explained) {
  const std::string name = explained.value("Name", "");
  std::string out = (name.starts_with('/') ? name.substr(1) : name) + " (" + explained.value("Id", "").substr(0, 12) +
                    "): " + explained.value("Status", "") + "\n";
  for (const Json& sentence : explained.value("Explanation", Json::array())) out += "  " + sentence.get<std::string>() + ".\n";
  return out + start_text(explained.value("Start", Json())) + runs_text(explained.value("Runs", Json()));
}

} // namespace gantry::cli
