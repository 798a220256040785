#include <algorithm>
#include <cstdio>
#include <ctime>
#include <optional>

#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/filters.hpp"
#include "cli/commands/format_help.hpp"
#include "cli/failure.hpp"
#include "cli/format/listing.hpp"
#include "cli/format/template.hpp"
#include "cli/format/timestamp.hpp"

namespace gantry::cli {
namespace {

std::string event_time(const Json& event) {
  const std::int64_t nanos = event.value("timeNano", std::int64_t{0});
  const auto seconds = static_cast<std::time_t>(nanos != 0 ? nanos / 1'000'000'000 : event.value("time", std::int64_t{0}));
  std::tm t{};
  ::localtime_r(&seconds, &t);
  char out[96], zone[16] = "Z";
  const std::size_t n = std::strftime(out, sizeof out, "%Y-%m-%dT%H:%M:%S", &t);
  if (t.tm_gmtoff != 0) {
    std::strftime(zone, sizeof zone, "%z", &t);
    std::snprintf(zone, sizeof zone, "%s", std::string(zone).insert(3, ":").c_str());
  }
  std::snprintf(out + n, sizeof out - n, ".%09lld%s", static_cast<long long>(nanos % 1'000'000'000), zone);
  return out;
}

std::string event_line(const Json& event) {
  const Json actor = event.value("Actor", Json::object());
  const Json given = actor.value("Attributes", Json::object());
  std::vector<std::string> attributes;
  for (const auto& [key, value] : given.items()) attributes.push_back(key + "=" + value.get<std::string>());
  std::sort(attributes.begin(), attributes.end());
  std::string list;
  for (const std::string& one : attributes) list += (list.empty() ? "" : ", ") + one;
  std::string out =
      event_time(event) + " " + event.value("Type", "") + " " + event.value("Action", "") + " " + actor.value("ID", "");
  return list.empty() ? out : out + " (" + list + ")";
}

/// Go's names for what the JSON calls otherwise.
Json fields_of(const Json& event) {
  Json out = event;
  const std::pair<const char*, const char*> names[] = {{"status", "Status"}, {"id", "ID"},     {"from", "From"},
                                                       {"scope", "Scope"},   {"time", "Time"}, {"timeNano", "TimeNano"}};
  for (const auto& [from, to] : names) out[to] = event.contains(from) ? event[from] : Json("");
  return out;
}

} // namespace

int system_events(Invocation& in) {
  std::string format, since, until;
  Filters filters;
  FlagSet flags(in);
  filters.add_flag(flags);
  flags.text("format", 0, format, object_format_help);
  flags.text("since", 0, since, "Show what happened since this time");
  flags.text("until", 0, until, "End at this time");
  flags.parse();
  std::optional<Template> line;
  try {
    if (!format.empty() && format != "json") line.emplace(format);
  } catch (const Failure& e) {
    throw Failure(std::string("Error parsing format: ") + e.what(), 64);
  }
  const Query query = Query()
                          .add_unless_empty("filters", filters.text())
                          .add_unless_empty("since", since.empty() ? "" : unix_timestamp(since))
                          .add_unless_empty("until", until.empty() ? "" : unix_timestamp(until));
  Response response = in.client.call({"GET", "/events", query}, true);
  std::string buffer;
  for (std::string piece = response.next(); !piece.empty(); piece = response.next()) {
    buffer += piece;
    for (auto end = buffer.find('\n'); end != std::string::npos; end = buffer.find('\n')) {
      const Json event = Json::parse(buffer.substr(0, end), nullptr, false);
      buffer.erase(0, end + 1);
      if (!event.is_object()) continue;
      print_text((line               ? line->run({fields_of(event), "*events.Message"})
                  : format == "json" ? to_go_json(event)
                                     : event_line(event)) +
                 "\n");
      std::fflush(stdout);
    }
  }
  return 0;
}

} // namespace gantry::cli
