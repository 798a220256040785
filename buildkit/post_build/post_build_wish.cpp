#include "buildkit/post_build/post_build_wish.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "buildkit/encoding.hpp"

namespace gantry::buildkit {
namespace {

using Values = std::map<std::string, std::vector<std::string>>;

std::string unescaped(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] == '%' && i + 2 < text.size() && std::isxdigit(static_cast<unsigned char>(text[i + 1])) != 0 &&
               std::isxdigit(static_cast<unsigned char>(text[i + 2])) != 0) {
      out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

Values values_of(const std::string& query) {
  Values values;
  for (std::size_t at = 0; at < query.size();) {
    const std::size_t end = std::min(query.find('&', at), query.size());
    const std::string pair = query.substr(at, end - at);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    values[unescaped(pair.substr(0, equals))].push_back(equals < pair.size() ? unescaped(pair.substr(equals + 1)) : "");
    at = end + 1;
  }
  return values;
}

class QueryReader {
 public:
  explicit QueryReader(const std::string& query) : values_(values_of(query)) {}

  /// The first one: the daemon puts its own in front.
  std::string get(const char* name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? "" : found->second.front();
  }
  std::vector<std::string> all(const char* name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::vector<std::string>() : found->second;
  }
  bool flag(const char* name) const {
    const std::string value = get(name);
    return !value.empty() && value != "0" && value != "false" && value != "no" && value != "none";
  }
  /// Null for what is not there.
  Json json(const char* name) const {
    const std::string text = get(name);
    if (text.empty()) return {};
    Json value = Json::parse(text, nullptr, false);
    if (value.is_discarded()) throw std::runtime_error(std::string("error reading ") + name);
    return value;
  }

 private:
  const Values values_;
};

std::string joined(const std::vector<std::string>& values) {
  std::string out;
  for (const auto& value : values) out += (out.empty() ? "" : ",") + value;
  return out;
}

void add_map(const Json& json, const std::string& prefix, Attributes& attributes) {
  if (!json.is_object()) return;
  for (const auto& item : json.items())
    if (item.value().is_string()) attributes[prefix + item.key()] = item.value().get<std::string>();
}

void add_network(const QueryReader& query, BuildWish& wish) {
  const std::string mode = query.get("networkmode");
  if (mode.empty() || mode == "default") return;
  if (mode != "host" && mode != "none") throw std::runtime_error("network mode \"" + mode + "\" not supported by buildkit");
  wish.attributes["force-network-mode"] = mode;
  if (mode == "host") wish.entitlements.push_back("network.host");
}

void add_hosts(const QueryReader& query, Attributes& attributes) {
  std::vector<std::string> hosts;
  for (std::string host : query.all("extrahosts")) {
    const std::size_t colon = host.find(':');
    if (colon == std::string::npos) throw std::runtime_error("invalid host " + host);
    host[colon] = '=';
    hosts.push_back(std::move(host));
  }
  if (!hosts.empty()) attributes["add-hosts"] = joined(hosts);
}

void add_outputs(const QueryReader& query, BuildWish& wish) {
  const Json outputs = query.json("outputs");
  if (!outputs.is_array() || outputs.empty()) {
    wish.exports.push_back({"moby", {}});
  } else {
    if (outputs.size() > 1) throw std::runtime_error("multiple outputs not supported");
    const Json& one = outputs[0];
    if (!one.is_object() || !one.contains("Type") || !one["Type"].is_string()) throw std::runtime_error("error reading outputs");
    Export out{one["Type"].get<std::string>(), {}};
    if (one.contains("Attrs")) add_map(one["Attrs"], "", out.attributes);
    if (out.type == "cacheonly") return;
    wish.exports.push_back(std::move(out));
  }
  if (wish.exports[0].type == "moby" && !query.all("t").empty()) wish.exports[0].attributes["name"] = joined(query.all("t"));
}

} // namespace

PostBuildWish post_build_wish(const std::string& text) {
  const QueryReader query(text);
  PostBuildWish out;
  BuildWish& wish = out.wish;
  wish.ref = random_id();
  wish.session = query.get("session");
  wish.frontend = "dockerfile.v0";
  out.build_id = query.get("buildid");
  Attributes& attributes = wish.attributes;
  if (const auto target = query.get("target"); !target.empty()) attributes["target"] = target;
  if (const auto file = query.get("dockerfile"); !file.empty() && file != ".") attributes["filename"] = file;
  out.quiet = query.flag("q");
  const std::string remote = query.get("remote");
  out.upload = remote == "upload-request";
  if (remote.empty())
    throw std::runtime_error("a context in the request's own body is not supported with BuildKit by this daemon");
  if (!out.upload && remote != "client-session") attributes["context"] = remote;
  const Json from = query.json("cachefrom");
  std::vector<std::string> images;
  if (from.is_array())
    for (const Json& image : from)
      if (image.is_string()) images.push_back(image.get<std::string>());
  if (!images.empty()) attributes["cache-from"] = joined(images);
  add_map(query.json("buildargs"), "build-arg:", attributes);
  add_map(query.json("labels"), "label:", attributes);
  if (query.flag("nocache")) attributes["no-cache"] = "";
  attributes["image-resolve-mode"] = query.flag("pull") ? "pull" : "default";
  if (const auto platform = query.get("platform"); !platform.empty()) attributes["platform"] = platform;
  if (query.flag("squash")) throw std::runtime_error("squash is not supported with BuildKit");
  add_network(query, wish);
  add_hosts(query, attributes);
  add_outputs(query, wish);
  return out;
}

std::string build_id_of(const std::string& query) { return QueryReader(query).get("buildid"); }

} // namespace gantry::buildkit
