#include "images/reference.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace gantry::images {
namespace {

constexpr std::string_view hub = "docker.io";
constexpr std::size_t name_max = 255;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_alnum(char c) { return is_digit(c) || is_lower(c) || is_upper(c); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }

template <class F>
bool all(std::string_view text, F f) {
  return std::all_of(text.begin(), text.end(), f);
}

/// Every part between separators satisfies `f`; an empty text is one empty part.
template <class F>
bool every_part(std::string_view text, char separator, F f) {
  for (;;) {
    auto at = text.find(separator);
    if (!f(text.substr(0, at))) return false;
    if (at == text.npos) return true;
    text.remove_prefix(at + 1);
  }
}

bool is_domain_part(std::string_view part) {
  return !part.empty() && part.front() != '-' && part.back() != '-' && all(part, [](char c) { return is_alnum(c) || c == '-'; });
}

bool is_ipv6_host(std::string_view host) {
  return host.size() > 2 && host.front() == '[' && host.back() == ']' &&
         all(host.substr(1, host.size() - 2), [](char c) { return is_hex(c) || (c >= 'A' && c <= 'F') || c == ':'; });
}

bool is_domain(std::string_view text) {
  auto colon = text.front() == '[' ? text.find(':', text.find(']')) : text.find(':');
  auto host = text.substr(0, colon);
  if (colon != text.npos) {
    auto port = text.substr(colon + 1);
    if (port.empty() || !all(port, is_digit)) return false;
  }
  return is_ipv6_host(host) || every_part(host, '.', is_domain_part);
}

/// Between runs of [a-z0-9]: one '.', one or two '_', or any number of '-'.
bool is_separator(std::string_view run) {
  return run == "." || run == "_" || run == "__" || (!run.empty() && all(run, [](char c) { return c == '-'; }));
}

bool is_path_part(std::string_view part) {
  auto word = [](char c) { return is_lower(c) || is_digit(c); };
  if (part.empty() || !word(part.front()) || !word(part.back())) return false;
  for (std::size_t i = 0; i < part.size();) {
    auto end = i;
    while (end < part.size() && word(part[end]) == word(part[i])) ++end;
    if (!word(part[i]) && !is_separator(part.substr(i, end - i))) return false;
    i = end;
  }
  return true;
}

void check_digest(std::string_view digest) {
  auto colon = digest.find(':');
  if (colon == digest.npos || colon == 0) throw invalid("invalid reference format");
  auto algorithm = digest.substr(0, colon), hex = digest.substr(colon + 1);
  if (hex.size() < 32 || !all(hex, is_hex)) throw invalid("invalid reference format");
  std::size_t digits = algorithm == "sha256" ? 64 : algorithm == "sha384" ? 96 : algorithm == "sha512" ? 128 : 0;
  if (!digits) throw invalid("unsupported digest algorithm");
  if (hex.size() != digits) throw invalid("invalid checksum digest length");
}

/// Splits off the registry: the first part is one when it has '.' or ':' or is "localhost".
void split_domain(std::string_view text, Reference& reference, std::string& rest) {
  auto slash = text.find('/');
  auto first = text.substr(0, slash);
  bool looks_like_host =
      first.find_first_of(".:") != first.npos || first == "localhost" || std::any_of(first.begin(), first.end(), is_upper);
  bool is_registry = slash != text.npos && looks_like_host;
  reference.domain = is_registry ? first : hub;
  rest = is_registry ? text.substr(slash + 1) : text;
  if (reference.domain == "index.docker.io") reference.domain = hub;
  if (reference.domain == hub && rest.substr(0, rest.find('@')).find('/') == rest.npos) rest = "library/" + rest;
}

void check_path(const Reference& reference) {
  if (!is_domain(reference.domain)) throw invalid("invalid reference format");
  if (std::any_of(reference.path.begin(), reference.path.end(), is_upper))
    throw invalid("invalid reference format: repository name (" + reference.path + ") must be lowercase");
  if (!every_part(reference.path, '/', is_path_part)) throw invalid("invalid reference format");
  if (reference.name().size() > name_max) throw invalid("repository name must not be more than 255 characters");
}

} // namespace

bool is_hex_id(std::string_view text) { return text.size() == 64 && all(text, is_hex); }

bool is_sha256(std::string_view text) { return text.substr(0, 7) == "sha256:" && is_hex_id(text.substr(7)); }

bool is_tag(std::string_view text) {
  return !text.empty() && text.size() <= 128 && text.front() != '.' && text.front() != '-' &&
         all(text, [](char c) { return is_alnum(c) || c == '_' || c == '.' || c == '-'; });
}

Reference parse_reference(std::string_view text) {
  if (is_hex_id(text))
    throw invalid("invalid repository name (" + std::string(text) + "), cannot specify 64-byte hexadecimal strings");
  if (text.empty()) throw invalid("invalid reference format");
  Reference reference;
  std::string rest;
  split_domain(text, reference, rest);
  if (auto at = rest.find('@'); at != rest.npos) {
    reference.digest = rest.substr(at + 1);
    check_digest(reference.digest);
    rest.resize(at);
  }
  if (auto colon = rest.find(':'); colon != rest.npos) {
    reference.tag = rest.substr(colon + 1);
    if (!is_tag(reference.tag)) throw invalid("invalid reference format");
    rest.resize(colon);
  }
  reference.path = rest;
  check_path(reference);
  return reference;
}

Reference parse_target_name(const std::string& repo, const std::string& tag) {
  auto name = parse_reference(repo);
  if (!name.digest.empty()) throw invalid("refusing to create a tag with a digest reference");
  if (!tag.empty()) name.tag = tag;
  if (!tag.empty() && !is_tag(tag)) throw invalid("invalid tag format");
  if (name.familiar_name() == "sha256") throw invalid("refusing to create an ambiguous tag using digest algorithm as name");
  return name.shown();
}

std::string Reference::full() const { return name() + (tag.empty() ? "" : ":" + tag) + (digest.empty() ? "" : "@" + digest); }

std::string Reference::familiar_name() const {
  if (domain != hub) return name();
  constexpr std::string_view library = "library/";
  bool official = path.starts_with(library) && path.find('/', library.size()) == path.npos;
  return official ? path.substr(library.size()) : path;
}

std::string Reference::familiar() const {
  return familiar_name() + (tag.empty() ? "" : ":" + tag) + (digest.empty() ? "" : "@" + digest);
}

Reference Reference::key() const {
  Reference key = *this;
  if (!digest.empty()) key.tag.clear();
  return key.shown();
}

Reference Reference::shown() const {
  Reference shown = *this;
  if (digest.empty() && tag.empty()) shown.tag = "latest";
  return shown;
}

} // namespace gantry::images
