#include "buildkit/solve/request.hpp"

#include <set>
#include <stdexcept>

namespace gantry::buildkit {
namespace {

constexpr std::size_t cache_imports_max = 64;
constexpr std::string_view upload_scheme = "http://buildkit-session/";

bool is_remote(const std::string& context) {
  for (const char* scheme : {"http://", "https://", "git://", "git@", "ssh://", "github.com/"})
    if (context.starts_with(scheme)) return true;
  return false;
}

/// `cache-imports` is a list of what `cache-from` says in a shorter way.
std::vector<Export> cache_imports(const BuildWish& wish) {
  std::vector<Export> all = wish.cache_imports;
  for (const auto& ref : split_list(value_of(wish.attributes, "cache-from"))) all.push_back({"registry", {{"ref", ref}}});
  const Json list = Json::parse(value_of(wish.attributes, "cache-imports"), nullptr, false);
  if (list.is_array())
    for (const Json& item : list) {
      if (!item.is_object() || !item.contains("Type") || !item["Type"].is_string()) continue;
      Export entry{item["Type"].get<std::string>(), {}};
      if (item.contains("Attrs") && item["Attrs"].is_object())
        for (const auto& attribute : item["Attrs"].items())
          if (attribute.value().is_string()) entry.attributes[attribute.key()] = attribute.value().get<std::string>();
      all.push_back(std::move(entry));
    }
  return all;
}

void add_caches(const BuildWish& wish, Query& query, Json& args) {
  Json from = Json::array();
  std::set<std::string> seen;
  for (const auto& import : cache_imports(wish)) {
    const std::string ref = value_of(import.attributes, "ref");
    if (import.type != "registry" || ref.empty() || !seen.insert(ref).second) continue;
    if (seen.size() > cache_imports_max) throw std::runtime_error("too many caches to import");
    from.push_back(ref);
  }
  if (!from.empty()) query.add("cachefrom", from.dump());
  for (const auto& entry : wish.cache_exports)
    if (entry.type == "inline") args["BUILDKIT_INLINE_CACHE"] = "1";
}

/// "nofile=1024:2048"
Json ulimit_of(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) throw std::runtime_error("invalid ulimit argument: " + text);
  const std::string values = text.substr(equals + 1);
  const std::size_t colon = values.find(':');
  try {
    const long long soft = std::stoll(values.substr(0, colon)),
                    hard = colon == std::string::npos ? soft : std::stoll(values.substr(colon + 1));
    return {{"Name", text.substr(0, equals)}, {"Soft", soft}, {"Hard", hard}};
  } catch (const std::logic_error&) {
    throw std::runtime_error("invalid ulimit argument: " + text);
  }
}

void add_resources(const Attributes& attributes, Query& query) {
  for (const auto& host : split_list(value_of(attributes, "add-hosts"))) {
    const std::size_t equals = host.find('=');
    if (equals == std::string::npos) throw std::runtime_error("invalid host " + host);
    query.add("extrahosts", host.substr(0, equals) + ":" + host.substr(equals + 1));
  }
  Json ulimits = Json::array();
  for (const auto& limit : split_list(value_of(attributes, "ulimit"))) ulimits.push_back(ulimit_of(limit));
  if (!ulimits.empty()) query.add("ulimits", ulimits.dump());
  if (const auto size = value_of(attributes, "shm-size"); !size.empty()) query.add("shmsize", size);
  if (const auto parent = value_of(attributes, "cgroup-parent"); !parent.empty()) query.add("cgroupparent", parent);
  if (const auto mode = value_of(attributes, "force-network-mode"); !mode.empty()) {
    if (mode != "host" && mode != "none" && mode != "sandbox") throw std::runtime_error("invalid network mode " + mode);
    if (mode != "sandbox") query.add("networkmode", mode);
  }
}

void add_contexts(const BuildWish& wish, Query& query) {
  Json contexts = Json::object();
  for (const auto& [full, address] : with_prefix(wish.attributes, "context:")) {
    const std::string name = full.substr(0, full.find("::"));
    if (address.starts_with("local:")) {
      contexts[name] = "session";
    } else if (address.starts_with("docker-image://") || is_remote(address)) {
      contexts[name] = address;
    } else {
      throw std::runtime_error("the context \"" + name + "\" cannot be used: \"" + address.substr(0, address.find(':')) +
                               "\" is not supported by this daemon");
    }
  }
  if (!contexts.empty()) query.add("buildcontexts", contexts.dump());
}

} // namespace

std::string value_of(const Attributes& attributes, const std::string& key) {
  const auto found = attributes.find(key);
  return found == attributes.end() ? "" : found->second;
}

std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> fields;
  if (text.empty()) return fields;
  std::string field;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      field += text[++i];
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == ',' && !quoted) {
      fields.push_back(std::exchange(field, {}));
    } else {
      field += text[i];
    }
  }
  fields.push_back(field);
  return fields;
}

std::map<std::string, std::string> with_prefix(const Attributes& attributes, const std::string& prefix) {
  std::map<std::string, std::string> all;
  for (auto it = attributes.lower_bound(prefix); it != attributes.end() && it->first.starts_with(prefix); ++it)
    all[it->first.substr(prefix.size())] = it->second;
  return all;
}

void check_wish(const BuildWish& wish) {
  if (wish.frontend != "dockerfile.v0")
    throw std::runtime_error("frontend " + wish.frontend + " is not supported: this daemon builds Dockerfiles (dockerfile.v0)");
  if (value_of(wish.attributes, "platform").find(',') != std::string::npos)
    throw std::runtime_error("multiple platforms feature is currently not supported for docker driver");
  for (const auto& entry : wish.cache_exports)
    if (entry.type != "inline") throw std::runtime_error("cache export is not supported for the docker driver: " + entry.type);
  if (!with_prefix(wish.attributes, "input:").empty())
    throw std::runtime_error("a context that is the result of another build is not supported by this daemon");
}

Sources sources_of(const BuildWish& wish) {
  Sources sources;
  const auto set = [&](const char* key, std::string& value) {
    if (const std::string given = value_of(wish.attributes, key); !given.empty()) value = given;
  };
  set("filename", sources.dockerfile);
  set("dockerfilekey", sources.dockerfile_local);
  set("contextkey", sources.context_local);
  sources.own_dockerfile = wish.attributes.contains("dockerfilekey");
  const std::string context = value_of(wish.attributes, "context");
  if (wish.uploaded != nullptr) {
    sources.upload = "/";
  } else if (context.starts_with(upload_scheme)) {
    sources.upload = context.substr(upload_scheme.size() - 1);
  } else if (is_remote(context)) {
    sources.remote = context;
  } else if (!context.empty()) {
    sources.context_local = context;
  }
  for (const auto& [full, address] : with_prefix(wish.attributes, "context:"))
    if (address.starts_with("local:")) sources.locals[full.substr(0, full.find("::"))] = address.substr(6);
  return sources;
}

Query parameters_of(const BuildWish& wish) {
  Query query;
  const Attributes& attributes = wish.attributes;
  Json args = Json::object(), labels = Json::object();
  for (const auto& [name, value] : with_prefix(attributes, "build-arg:")) args[name] = value;
  for (const auto& [name, value] : with_prefix(attributes, "label:")) labels[name] = value;
  query.add("progress", "steps").add("version", "1").add("rm", "1").add("forcerm", "1");
  add_caches(wish, query, args);
  if (!args.empty()) query.add("buildargs", args.dump());
  if (!labels.empty()) query.add("labels", labels.dump());
  if (const auto target = value_of(attributes, "target"); !target.empty()) query.add("target", target);
  if (const auto platform = value_of(attributes, "platform"); !platform.empty()) query.add("platform", platform);
  // The engine leaves out all of the cache, or nothing: with names of stages it is all.
  if (attributes.contains("no-cache")) query.add("nocache", "1");
  if (value_of(attributes, "image-resolve-mode") == "pull") query.add("pull", "1");
  add_resources(attributes, query);
  add_contexts(wish, query);
  for (const auto& name : wish.entitlements) query.add("allow", name);
  return query;
}

} // namespace gantry::buildkit
