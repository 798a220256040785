#include "config/budgets.hpp"

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/time.hpp"
#include "config/parse_value.hpp"

namespace gantry::config {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
/// A budget without "keep-used-since".
constexpr std::int64_t kept_for_s = 24 * 3600;

const Json& object(const Json& value, const std::string& what) {
  if (!value.is_object()) throw invalid(what + ": a map is needed, got " + value.dump());
  return value;
}

std::int64_t size_of(const Json& value) {
  if (!value.is_string() && !value.is_number_unsigned())
    throw invalid("invalid value " + value.dump() + ": a size is needed, such as 20GB");
  return parse_bytes(value.is_string() ? value.get<std::string>() : value.dump());
}

std::int64_t seconds_of(const Json& value) {
  const auto text = value.is_string() ? value.get<std::string>() : value.dump();
  try {
    if (const auto ns = parse_duration(text); ns >= 0) return ns / second_ns;
  } catch (const Error&) {
  }
  throw invalid("invalid value \"" + text + "\": a duration is needed, such as 168h");
}

/// Docker's filters of a rule; of these the time counts.
void read_filter(const Json& filters, KeepPolicy& rule) {
  if (filters.is_null()) return;
  if (!filters.is_array()) throw invalid("filter: a list of texts is needed, got " + filters.dump());
  for (const auto& filter : filters) {
    const auto text = filter.is_string() ? filter.get<std::string>() : filter.dump();
    const auto equals = text.find('=');
    const auto key = text.substr(0, equals);
    if (key == "unused-for" || key == "until")
      rule.keep_used_for_s = seconds_of(equals == text.npos ? Json("") : Json(text.substr(text.find_last_of('=') + 1)));
    else
      throw invalid("invalid filter \"" + text + "\": allowed is unused-for=DURATION");
  }
}

KeepPolicy read_rule(const Json& entry) {
  KeepPolicy rule;
  for (const auto& [key, value] : object(entry, "policy").items()) {
    if (key == "keepStorage" || key == "reservedSpace" || key == "maxUsedSpace")
      rule.keep_bytes = std::max(rule.keep_bytes, size_of(value));
    else if (key == "filter")
      read_filter(value, rule);
    else if (key != "all" && key != "minFreeSpace")
      throw invalid("policy: unknown key \"" + key + "\": allowed are keepStorage, filter and all");
  }
  return rule;
}

} // namespace

void apply_image_gc(Config& config, const Values& values) {
  if (values.empty()) return;
  KeepPolicy policy{0, kept_for_s};
  const Json given = Json::parse(values.back());
  for (const auto& [key, value] : object(given, "image-gc").items()) {
    if (key == "keep-storage")
      policy.keep_bytes = size_of(value);
    else if (key == "keep-used-since")
      policy.keep_used_for_s = seconds_of(value);
    else
      throw invalid("unknown key \"" + key + "\": allowed are keep-storage and keep-used-since");
  }
  config.image_gc = policy;
}

void apply_builder(Config& config, const Values& values) {
  if (values.empty()) return;
  const Json builder = Json::parse(values.back());
  for (const auto& [key, value] : object(builder, "builder").items())
    if (key != "gc") config.warnings.push_back("the setting \"builder." + key + "\" has no effect in this version");
  if (!builder.contains("gc")) return;
  KeepPolicy policy;
  bool enabled = true;
  for (const auto& [key, value] : object(builder["gc"], "gc").items()) {
    if (key == "enabled") {
      if (!value.is_boolean()) throw invalid("gc.enabled: true or false is needed, got " + value.dump());
      enabled = value.get<bool>();
    } else if (key == "defaultKeepStorage" || key == "defaultReservedSpace" || key == "defaultMaxUsedSpace") {
      policy.keep_bytes = std::max(policy.keep_bytes, size_of(value));
    } else if (key == "policy") {
      if (!value.is_array()) throw invalid("gc.policy: a list is needed, got " + value.dump());
      if (value.size() > 1)
        config.warnings.push_back("of the rules in builder.gc.policy the last one has an effect in this version");
      for (const auto& entry : value) {
        const auto rule = read_rule(entry);
        policy = {rule.keep_bytes > 0 ? rule.keep_bytes : policy.keep_bytes, rule.keep_used_for_s};
      }
    } else if (key != "defaultMinFreeSpace") {
      throw invalid("gc: unknown key \"" + key + "\": allowed are enabled, defaultKeepStorage and policy");
    }
  }
  if (enabled) config.build_gc = policy;
}

} // namespace gantry::config
