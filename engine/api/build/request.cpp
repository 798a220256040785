#include "api/build/request.hpp"

#include "build/context/named_contexts.hpp"
#include "build/entitlements.hpp"
#include "containers/model_json.hpp"

namespace gantry::api {
namespace {

using gantry::build::BuildRequest;

/// Go names the first byte that cannot be.
Json json_of(const Query& query, const char* key, const std::string& what) {
  const std::string& text = query.get(key);
  if (text.empty()) return {};
  Json json = Json::parse(text, nullptr, false);
  if (!json.is_discarded()) return json;
  throw invalid("error reading " + what + ": invalid character '" + text.substr(0, 1) + "' looking for beginning of value");
}

std::string string_in(const Json& value, const std::string& what) {
  if (!value.is_string()) throw invalid("error reading " + what + ": expected a string, got " + value.type_name());
  return value.get<std::string>();
}

void check_object(const Json& json, const std::string& what) {
  if (!json.is_null() && !json.is_object()) throw invalid("error reading " + what + ": expected an object");
}

void read_args(const Query& query, BuildRequest& build) {
  const Json args = json_of(query, "buildargs", "build args");
  check_object(args, "build args");
  for (const auto& arg : args.items()) {
    auto& value = build.args[arg.key()];
    if (!arg.value().is_null()) value = string_in(arg.value(), "build args");
  }
  const Json labels = json_of(query, "labels", "labels");
  check_object(labels, "labels");
  for (const auto& label : labels.items()) build.labels[label.key()] = string_in(label.value(), "labels");
  const Json from = json_of(query, "cachefrom", "cache-from");
  if (!from.is_null() && !from.is_array()) throw invalid("error reading cache-from: expected a list");
  for (const auto& name : from) build.cache_from.push_back(string_in(name, "cache-from"));
}

void read_resources(const Query& query, BuildRequest& build) {
  auto& r = build.resources;
  const auto number = [&](const char* name) { return query.integer(name).value_or(0); };
  r.memory = number("memory");
  r.memory_swap = number("memswap");
  r.cpu_shares = number("cpushares");
  r.cpu_period = number("cpuperiod");
  r.cpu_quota = number("cpuquota");
  r.cpuset_cpus = query.get("cpusetcpus");
  r.cpuset_mems = query.get("cpusetmems");
  r.cgroup_parent = query.get("cgroupparent");
  const Json ulimits = json_of(query, "ulimits", "ulimit settings");
  if (ulimits.is_null()) return;
  Json holder;
  holder["Ulimits"] = ulimits;
  r.ulimits = gantry::containers::resources_from_json(holder).ulimits;
}

/// X-Registry-Config: base64url of {registry: AuthConfig}. What cannot be decoded counts as nothing.
void read_credentials(const Request& request, BuildRequest& build) {
  std::string text;
  if (!gantry::registry::base64_decode(request.header("X-Registry-Config"), text)) return;
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return;
  for (const auto& entry : json.items()) {
    try {
      build.credentials[entry.key()] = gantry::registry::credentials_of(entry.value());
    } catch (const Error&) {
      continue;
    }
  }
}

void refuse_unknown(const Query& query) {
  const std::string& version = query.get("version");
  if (!version.empty() && version != "1") throw invalid("invalid version \"" + version + "\"");
  if (!query.get("outputs").empty() && query.get("outputs") != "null" && query.get("outputs") != "[]")
    throw invalid("outputs are only supported with BuildKit");
}

/// Ours.
void read_own_parameters(const Query& query, BuildRequest& build) {
  build.check = query.flag("check");
  build.steps = query.get("progress") == "steps";
  build.positions = query.get("positions");
  build.setuid = query.flag("setuid");
  build.session = query.get("gantrysession");
  for (const auto& name : query.all("allow")) build.allowed.insert(gantry::build::parse_entitlement(name));
  const Json contexts = json_of(query, "buildcontexts", "build contexts");
  check_object(contexts, "build contexts");
  for (const auto& context : contexts.items()) {
    const std::string address = string_in(context.value(), "build contexts");
    gantry::build::check_context(context.key(), address);
    build.contexts[context.key()] = address;
  }
}

} // namespace

BuildRequest build_request(const Request& request, bool experimental) {
  const Query& query = request.query;
  refuse_unknown(query);
  BuildRequest build;
  if (!query.get("dockerfile").empty()) build.dockerfile = query.get("dockerfile");
  build.remote = query.get("remote");
  if (build.remote == "client-session") throw invalid("client-session is only supported with BuildKit");
  build.tags = query.all("t");
  build.quiet = query.flag("q");
  build.no_cache = query.flag("nocache");
  build.pull = query.flag("pull");
  build.force_remove = query.flag("forcerm");
  build.remove = query.flag("rm", true);
  build.target = query.get("target");
  build.platform = query.get("platform");
  build.network_mode = query.get("networkmode");
  build.shm_size = query.integer("shmsize").value_or(0);
  build.extra_hosts = query.all("extrahosts");
  if (query.flag("squash") && !query.flag("merge") && !experimental)
    throw invalid("squash is only supported with experimental mode");
  build.squash = query.flag("squash") || query.flag("merge");
  read_own_parameters(query, build);
  read_args(query, build);
  read_resources(query, build);
  read_credentials(request, build);
  return build;
}

} // namespace gantry::api
