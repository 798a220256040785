#include "build/mounts/mount_flag.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include "base/error.hpp"
#include "build/dockerfile/words.hpp"
#include "containers/byte_size.hpp"

namespace gantry::build {
namespace {

using Words = std::vector<std::string>;

bool is_one_of(const std::string& text, const Words& names) { return std::find(names.begin(), names.end(), text) != names.end(); }

/// Go's strconv.ParseBool.
bool boolean(const std::string& key, const std::string& value) {
  if (is_one_of(value, {"1", "t", "T", "true", "TRUE", "True"})) return true;
  if (is_one_of(value, {"0", "f", "F", "false", "FALSE", "False"})) return false;
  throw invalid("invalid value for " + key + ": " + value);
}

std::uint32_t number(const std::string& key, const std::string& value, int base) {
  std::uint32_t result = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), result, base);
  if (error != std::errc() || end != value.data() + value.size()) throw invalid("invalid value " + value + " for " + key);
  return result;
}

class Reader {
 public:
  RunMount read(const std::string& text, const std::function<std::string(const std::string&)>& expand) {
    for (const auto& field : csv_fields(text)) {
      const std::size_t equals = field.find('=');
      const std::string key = lower(field.substr(0, equals));
      if (equals == field.npos) {
        plain(key, field);
      } else {
        value(key, expand(field.substr(equals + 1)), field);
      }
    }
    if (!access_chosen_) mount_.read_only = mount_.type != "cache" && mount_.type != "tmpfs";
    check();
    return mount_;
  }

 private:
  Error unexpected(const std::string& key) const {
    return invalid("unexpected key '" + key + "' for mount type '" + mount_.type + "'");
  }

  bool can_be_required() const { return mount_.type == "secret" || mount_.type == "ssh"; }

  void access(bool read_only) {
    mount_.read_only = read_only;
    access_chosen_ = true;
  }

  void plain(const std::string& key, const std::string& field) {
    if (key == "readonly" || key == "ro") return access(true);
    if (key == "readwrite" || key == "rw") return access(false);
    if (key != "required") throw invalid("invalid field '" + field + "' must be a key=value pair");
    if (!can_be_required()) throw unexpected(key);
    mount_.required = true;
  }

  void value(const std::string& key, const std::string& text, const std::string& field) {
    using Set = void (*)(Reader&, const std::string& key, const std::string& value);
    static const std::map<std::string, Set> keys = {
        {"type", [](Reader& r, const auto&, const auto& v) { r.type(v); }},
        {"from", [](Reader& r, const auto&, const auto& v) { r.mount_.from = v; }},
        {"source", [](Reader& r, const auto&, const auto& v) { r.mount_.source = v; }},
        {"src", [](Reader& r, const auto&, const auto& v) { r.mount_.source = v; }},
        {"target", [](Reader& r, const auto&, const auto& v) { r.mount_.target = v; }},
        {"dst", [](Reader& r, const auto&, const auto& v) { r.mount_.target = v; }},
        {"destination", [](Reader& r, const auto&, const auto& v) { r.mount_.target = v; }},
        {"readonly", [](Reader& r, const auto& k, const auto& v) { r.access(boolean(k, v)); }},
        {"ro", [](Reader& r, const auto& k, const auto& v) { r.access(boolean(k, v)); }},
        {"readwrite", [](Reader& r, const auto& k, const auto& v) { r.access(!boolean(k, v)); }},
        {"rw", [](Reader& r, const auto& k, const auto& v) { r.access(!boolean(k, v)); }},
        {"required", [](Reader& r, const auto& k, const auto& v) { r.required(k, v); }},
        {"size", [](Reader& r, const auto& k, const auto& v) { r.size(k, v); }},
        {"id", [](Reader& r, const auto&, const auto& v) { r.mount_.id = v; }},
        {"sharing", [](Reader& r, const auto&, const auto& v) { r.sharing(v); }},
        {"mode", [](Reader& r, const auto& k, const auto& v) { r.mount_.mode = number(k, v, 8) & 07777; }},
        {"uid", [](Reader& r, const auto& k, const auto& v) { r.mount_.uid = number(k, v, 10); }},
        {"gid", [](Reader& r, const auto& k, const auto& v) { r.mount_.gid = number(k, v, 10); }},
        {"env", [](Reader& r, const auto&, const auto& v) { r.mount_.env = v; }}};
    const auto at = keys.find(key);
    if (at == keys.end()) throw invalid("unexpected key '" + key + "' in '" + field + "'");
    at->second(*this, key, text);
  }

  void type(const std::string& text) {
    mount_.type = lower(text);
    if (!is_one_of(mount_.type, {"bind", "cache", "tmpfs", "secret", "ssh"}))
      throw invalid("unsupported mount type \"" + text + "\"");
  }

  void required(const std::string& key, const std::string& text) {
    if (!can_be_required()) throw unexpected(key);
    mount_.required = boolean(key, text);
  }

  void size(const std::string& key, const std::string& text) {
    if (mount_.type != "tmpfs") throw unexpected(key);
    const auto bytes = containers::parse_byte_size(text);
    if (!bytes || *bytes < 0) throw invalid("invalid value for " + key + ": " + text);
    mount_.size = *bytes;
  }

  void sharing(const std::string& text) {
    mount_.sharing = lower(text);
    sharing_chosen_ = true;
    if (!is_one_of(mount_.sharing, {"shared", "private", "locked"})) throw invalid("unsupported sharing value \"" + text + "\"");
  }

  void check() const {
    const bool owned = can_be_required() || mount_.type == "cache";
    const auto refuse = [&](const char* key) { throw invalid(key + (" not allowed for \"" + mount_.type + "\" type mounts")); };
    if (!owned && mount_.mode) refuse("mode");
    if (!owned && mount_.uid) refuse("uid");
    if (!owned && mount_.gid) refuse("gid");
    if (sharing_chosen_ && mount_.type != "cache") throw invalid("invalid cache sharing set for " + mount_.type + " mount");
    if (mount_.env && mount_.type != "secret") throw unexpected("env");
    if (mount_.type == "ssh" && !mount_.source.empty()) throw invalid("ssh does not support source");
    if (mount_.type == "secret") check_secret();
  }

  void check_secret() const {
    if (!mount_.from.empty()) throw invalid("secret mount should not have a from");
    if (mount_.source.empty() && mount_.target.empty() && mount_.id.empty())
      throw invalid("invalid secret mount. one of source, target required");
    if (!mount_.source.empty() && !mount_.id.empty()) throw invalid("both source and id can't be set");
    if (!mount_.env) return;
    const std::string& name = *mount_.env;
    if (name.empty() || name.find_first_of(std::string("=/\0", 3)) != name.npos || name == "." || name == "..")
      throw invalid("invalid environment variable name '" + name + "' for a secret");
  }

  RunMount mount_;
  bool access_chosen_ = false, sharing_chosen_ = false;
};

} // namespace

std::vector<std::string> csv_fields(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const char c = line[at];
    if (c == '"' && quoted && at + 1 < line.size() && line[at + 1] == '"') {
      fields.back() += line[++at];
    } else if (c == '"' && (quoted || fields.back().empty())) {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  if (quoted) throw invalid("failed to parse csv mounts: extraneous or missing \" in quoted-field");
  return fields;
}

RunMount parse_mount_flag(const std::string& text, const std::function<std::string(const std::string&)>& expand) {
  return Reader().read(text, expand);
}

std::string mount_flag_from(const std::string& text) {
  try {
    return parse_mount_flag(text, [](const std::string& value) { return value; }).from;
  } catch (const Error&) {
    return {}; // its step will say what is wrong
  }
}

} // namespace gantry::build
