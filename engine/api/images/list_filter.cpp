#include "api/images/list_filter.hpp"

#include <fnmatch.h>

#include <algorithm>

#include "api/images/wire.hpp"
#include "base/error.hpp"
#include "base/time.hpp"
#include "images/reference.hpp"

namespace gantry::api {
namespace {

bool glob(const std::string& pattern, const std::string& text) {
  return ::fnmatch(pattern.c_str(), text.c_str(), FNM_PATHNAME) == 0;
}

/// One character of a class, maybe escaped; false when there is none.
bool skip_class_character(const std::string& pattern, std::size_t& at) {
  if (at == pattern.size() || pattern[at] == '-' || pattern[at] == ']') return false;
  if (pattern[at] == '\\' && ++at == pattern.size()) return false;
  return ++at < pattern.size();
}

/// From behind the '[' to behind the ']'; false when the class is empty or does not end.
bool skip_class(const std::string& pattern, std::size_t& at) {
  if (at < pattern.size() && pattern[at] == '^') ++at;
  do {
    if (!skip_class_character(pattern, at)) return false;
    if (pattern[at] == '-' && !skip_class_character(pattern, ++at)) return false;
  } while (pattern[at] != ']');
  ++at;
  return true;
}

/// Go's path.Match refuses what fnmatch takes literally.
bool is_pattern(const std::string& pattern) {
  for (std::size_t at = 0; at < pattern.size();) {
    const char c = pattern[at++];
    if (c == '\\' && at++ == pattern.size()) return false;
    if (c == '[' && !skip_class(pattern, at)) return false;
  }
  return true;
}

} // namespace

bool matches_reference(const std::string& pattern, const std::string& tag) {
  return glob(pattern, tag) || glob(pattern, gantry::images::parse_reference(tag).familiar_name());
}

ImageFilter::ImageFilter(const gantry::images::ImageService& images, const std::string& filters, const std::string& old_pattern)
    : filters_(filters, {"before", "dangling", "label", "reference", "since", "until"}) {
  if (!old_pattern.empty()) filters_.add("reference", old_pattern);
  if (filters_.has("dangling")) dangling_ = filters_.flag("dangling", false);
  for (const auto& pattern : filters_.get("reference"))
    if (!is_pattern(pattern)) throw invalid("syntax error in pattern");
  auto earliest = [](std::optional<std::int64_t>& limit, std::int64_t ns) { limit = std::min(limit.value_or(ns), ns); };
  for (const auto& reference : filters_.get("before")) earliest(before_ns_, images.resolve(reference)->created_ns);
  for (const auto& time : filters_.get("until")) earliest(before_ns_, parse_timestamp(time));
  for (const auto& reference : filters_.get("since")) {
    auto created = images.resolve(reference)->created_ns;
    since_ns_ = std::max(since_ns_.value_or(created), created);
  }
}

bool ImageFilter::matches(const gantry::images::Image& image) const {
  // An image that is known by digest only is shown by both.
  if (dangling_ && !(*dangling_ ? image.repo_tags.empty() : !image.repo_tags.empty() || !image.repo_digests.empty()))
    return false;
  if (before_ns_ && image.created_ns >= *before_ns_) return false;
  if (since_ns_ && image.created_ns <= *since_ns_) return false;
  if (filters_.has("reference") && tags(image).empty()) return false;
  return match_labels(filters_.get("label"), image_labels(image));
}

std::vector<std::string> ImageFilter::tags(const gantry::images::Image& image) const {
  if (!filters_.has("reference")) return image.repo_tags;
  const auto& patterns = filters_.get("reference");
  std::vector<std::string> kept;
  for (const auto& tag : image.repo_tags)
    if (std::any_of(patterns.begin(), patterns.end(), [&](const auto& pattern) { return matches_reference(pattern, tag); }))
      kept.push_back(tag);
  return kept;
}

} // namespace gantry::api
