#pragma once

#include <string>
#include <string_view>

namespace gantry::images {

/// The name of an image in Docker's grammar. The *full* form spells everything ("docker.io/library/busybox:latest"), the
/// *familiar* form is what users write and see ("busybox:latest"). With a tag and a digest the digest decides.
struct Reference {
  std::string domain; ///< "docker.io", "localhost:5000"
  std::string path;   ///< "library/busybox"
  std::string tag;    ///< empty: none
  std::string digest; ///< "sha256:…", empty: none

  std::string name() const { return domain + "/" + path; }
  std::string full() const;
  std::string familiar() const;
  std::string familiar_name() const;
  /// The key under which a name is stored: by digest when there is one, else by tag ("latest" when there is none).
  Reference key() const;
  /// As errors show it: "latest" added when there is neither tag nor digest.
  Reference shown() const;
};

/// Parses and normalises a familiar or full name. invalid with Docker's text otherwise.
Reference parse_reference(std::string_view text);

/// The name that tag and import give: `repo` may bring the tag itself when `tag` is empty; "latest" without both.
Reference parse_target_name(const std::string& repo, const std::string& tag);

/// 64 lower-case hex digits.
bool is_hex_id(std::string_view text);
/// "sha256:" and 64 lower-case hex digits.
bool is_sha256(std::string_view text);
/// [A-Za-z0-9_][A-Za-z0-9_.-]{0,127}
bool is_tag(std::string_view text);

} // namespace gantry::images
