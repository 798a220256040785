#include "containers/mount_text.hpp"

#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "containers/mounts.hpp"

namespace gantry::containers {
namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

/// Each kind of word may be there once: "ro,rw" says nothing.
class ModeReader {
 public:
  bool take(const std::string& word) {
    if (word == "ro" || word == "rw") return claim(access_, mode_.read_only = word == "ro");
    if (word == "z" || word == "Z") {
      mode_.relabel = word[0];
      return claim(label_);
    }
    if (word == "nocopy") return claim(copy_, mode_.no_copy = true);
    if (word == "consistent" || word == "cached" || word == "delegated" || word == "default") return claim(consistency_);
    if (word == "idmap") return claim(map_, mode_.mapped = true); // ours: see docs/security.md
    if (!is_propagation(word)) return false;
    mode_.propagation = word;
    return claim(propagation_);
  }
  const BindMode& mode() const { return mode_; }

 private:
  static bool claim(bool& taken, bool = true) { return !std::exchange(taken, true); }

  BindMode mode_;
  bool access_ = false, label_ = false, copy_ = false, consistency_ = false, map_ = false, propagation_ = false;
};

} // namespace

bool is_propagation(std::string_view word) {
  constexpr std::array<std::string_view, 6> words = {"shared", "rshared", "slave", "rslave", "private", "rprivate"};
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::optional<BindMode> parse_mode(const std::string& text) {
  ModeReader reader;
  if (text.empty()) return reader.mode();
  for (const auto& word : split(text, ',')) {
    if (!reader.take(word)) return std::nullopt;
  }
  return reader.mode();
}

BindText split_bind(const std::string& spec) {
  const Error wrong = invalid("invalid volume specification: '" + spec + "'");
  const auto parts = split(spec, ':');
  if (parts[0].empty() || parts.size() > 3) throw wrong;
  if (parts.size() == 1) return {"", parts[0], ""};
  if (parts.size() == 2 && !parts[1].empty() && parse_mode(parts[1])) throw wrong; // "/path:ro": of what?
  return {parts[0], parts[1], parts.size() == 3 ? parts[2] : ""};
}

} // namespace gantry::containers
