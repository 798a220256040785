#include "cli/commands/image/reference.hpp"

#include "cli/failure.hpp"

namespace gantry::cli {

Reference split_reference(const std::string& text) {
  if (const auto at = text.find('@'); at != std::string::npos) return {text.substr(0, at), text.substr(at + 1), true};
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || text.find('/', colon) != std::string::npos) return {text, ""};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

std::string with_default_tag(const std::string& text) { return split_reference(text).tag.empty() ? text + ":latest" : text; }

std::string registry_of(const std::string& name) {
  const auto slash = name.find('/');
  const std::string first = name.substr(0, slash);
  const bool host = slash != std::string::npos && (first.find_first_of(".:") != std::string::npos || first == "localhost");
  return host && first != "index.docker.io" ? first : "docker.io";
}

std::string full_name(const std::string& text) {
  const std::string registry = registry_of(text);
  if (registry != "docker.io") return text;
  std::string rest = text;
  for (const std::string prefix : {"docker.io/", "index.docker.io/"})
    if (rest.starts_with(prefix)) rest = rest.substr(prefix.size());
  return "docker.io/" + (rest.find('/') == std::string::npos ? "library/" : std::string()) + rest;
}

void check_reference(const std::string& text) {
  const Reference reference = split_reference(text);
  const auto domain = reference.name.find('/');
  const bool has_domain =
      domain != std::string::npos && reference.name.substr(0, domain).find_first_of(".:") != std::string::npos;
  const std::string path = has_domain ? reference.name.substr(domain + 1) : reference.name;
  if (path.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != std::string::npos) {
    const std::string shown = path.find('/') == std::string::npos && !has_domain ? "library/" + path : path;
    throw Failure("invalid reference format: repository name (" + shown + ") must be lowercase");
  }
  if (path.empty() || path.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-/:") != std::string::npos ||
      path.front() == '-')
    throw Failure("invalid reference format");
}

} // namespace gantry::cli
