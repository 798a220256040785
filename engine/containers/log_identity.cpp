#include "containers/log_identity.hpp"

#include <regex.h>
#include <unistd.h>

#include <sstream>

#include "base/error.hpp"
#include "base/id.hpp"
#include "base/json.hpp"
#include "base/time.hpp"
#include "cli/failure.hpp"
#include "cli/format/template.hpp"
#include "containers/log_options.hpp"

namespace gantry::containers {
namespace {

using Map = std::map<std::string, std::string>;

const std::string& option(const Container& container, const std::string& name) {
  static const std::string none;
  const auto& options = container.host_config.log_config.config;
  const auto it = options.find(name);
  return it == options.end() ? none : it->second;
}

std::string command_of(const Container& container) {
  std::string text = container.path;
  for (const auto& argument : container.args) text += " " + argument;
  return text;
}

std::string host_name() {
  char name[256] = {};
  ::gethostname(name, sizeof name - 1);
  return name;
}

/// Docker's logger.Info.
Json facts(const Container& c) {
  const auto& image = c.image_id;
  return {{"ID", short_id(c.id)},
          {"FullID", c.id},
          {"Name", c.name},
          {"ImageID", image.substr(0, 12)},
          {"ImageFullID", image},
          {"ImageName", c.image_ref},
          {"Command", command_of(c)},
          {"Hostname", host_name()},
          {"DaemonName", "gantry"},
          {"ContainerID", c.id},
          {"ContainerName", "/" + c.name},
          {"ContainerEntrypoint", c.path},
          {"ContainerArgs", c.args},
          {"ContainerImageID", image},
          {"ContainerImageName", c.image_ref},
          {"ContainerCreated", rfc3339_nano(c.created_ns)},
          {"ContainerEnv", c.config.env},
          {"ContainerLabels", c.config.labels},
          {"Config", c.host_config.log_config.config}};
}

void replace(std::string& text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  if (at != std::string::npos) text.replace(at, from.size(), to);
}

/// A POSIX extended expression; empty matches nothing.
class Pattern {
 public:
  explicit Pattern(const std::string& text) : used_(!text.empty()) {
    if (!used_) return;
    const int code = ::regcomp(&compiled_, text.c_str(), REG_EXTENDED | REG_NOSUB);
    if (code == 0) return;
    char why[128] = {};
    ::regerror(code, &compiled_, why, sizeof why);
    throw invalid("failed to initialize logging driver: error parsing regexp: " + std::string(why) + ": `" + text + "`");
  }
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;
  ~Pattern() {
    if (used_) ::regfree(&compiled_);
  }
  bool matches(const std::string& name) const { return used_ && ::regexec(&compiled_, name.c_str(), 0, nullptr, 0) == 0; }

 private:
  bool used_;
  regex_t compiled_{};
};

void choose(const Map& from, const std::string& names, const std::string& expression, Map& into) {
  std::istringstream list(names);
  for (std::string name; std::getline(list, name, ',');) {
    if (const auto it = from.find(name); it != from.end()) into[name] = it->second;
  }
  const Pattern pattern(expression);
  for (const auto& [name, value] : from) {
    if (pattern.matches(name)) into[name] = value;
  }
}

Map environment(const Container& container) {
  Map variables;
  for (const auto& entry : container.config.env) {
    const auto equals = entry.find('=');
    if (equals != std::string::npos) variables[entry.substr(0, equals)] = entry.substr(equals + 1);
  }
  return variables;
}

} // namespace

std::string log_tag(const Container& container, const std::string& standard) {
  const std::string& wanted = option(container, "tag");
  if (wanted.empty() && standard.empty()) return "";
  try {
    return cli::Template(wanted.empty() ? standard : wanted).run({facts(container), "*logger.Info", nullptr});
  } catch (const cli::Failure& e) {
    std::string why = e.what();
    replace(why, "template: :", "template: log-tag:");
    replace(why, "executing \"\"", "executing \"log-tag\"");
    throw invalid("failed to initialize logging driver: " + why);
  }
}

Map log_attributes(const Container& container) {
  Map chosen;
  choose(container.config.labels, option(container, "labels"), option(container, "labels-regex"), chosen);
  choose(environment(container), option(container, "env"), option(container, "env-regex"), chosen);
  return chosen;
}

std::string line_attributes(const Container& container) {
  Map attributes = log_attributes(container);
  if (const std::string tag = log_tag(container, ""); !tag.empty()) attributes["tag"] = tag;
  if (attributes.empty()) return "";
  return cli::to_go_json(Json(attributes));
}

LogSource log_source(const Container& container) {
  LogSource source;
  source.id = container.id;
  source.name = container.name;
  source.image_id = container.image_id;
  source.image_name = container.image_ref;
  source.command = command_of(container);
  source.tag = log_tag(container, "{{.ID}}");
  source.created_ns = container.created_ns;
  source.options = driver_settings(container.host_config.log_config);
  for (const auto& pair : log_attributes(container)) source.attributes.push_back(pair);
  return source;
}

} // namespace gantry::containers
