#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "api/query.hpp"

namespace gantry::api {

/// The `filters` parameter: {"label":{"a=b":true}}, or the old {"label":["a=b"]}. Values of one key are alternatives;
/// what they mean is up to the object that is listed.
class Filters {
 public:
  Filters() = default;
  /// invalid when the text is no JSON of either form.
  explicit Filters(const std::string& text);
  /// Also invalid when it names a key that is not in `allowed`.
  Filters(const std::string& text, std::initializer_list<std::string_view> allowed);

  void add(const std::string& key, const std::string& value) { values_[key].push_back(value); }
  bool has(std::string_view key) const { return values_.find(key) != values_.end(); }
  /// Empty when the key is not given.
  const std::vector<std::string>& get(std::string_view key) const;
  /// One of 0 1 true false (Docker's rule for boolean filters); `absent` when not given; invalid otherwise.
  bool flag(std::string_view key, bool absent) const;
  const std::map<std::string, std::vector<std::string>, std::less<>>& all() const { return values_; }

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::vector<std::string> named_; ///< also those without values
};

/// Every "k" or "k=v" in `wanted` is among `labels`.
bool match_labels(const std::vector<std::string>& wanted, const std::map<std::string, std::string>& labels);
/// No values, or one of them equals `text` or matches it as a regular expression; bad expressions are ignored.
bool match_pattern(const std::vector<std::string>& patterns, const std::string& text);

} // namespace gantry::api
