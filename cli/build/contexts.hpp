#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/client/client.hpp"

namespace gantry::cli {

/// The contexts with a name of one build (--build-context).
class NamedContexts {
 public:
  /// "NAME=VALUE": a directory, docker-image://REF, oci-layout://PATH[:TAG][@DIGEST], a URL or a git repository. Throws Failure.
  void add(const std::string& text);

  bool empty() const { return addresses_.empty(); }
  /// Whether something is to be sent before the build.
  bool any_here() const { return !here_.empty(); }
  /// Sends directories and OCI layouts to the session of that id.
  void send(Client&, const std::string& session) const;
  /// What the build says: `buildcontexts`.
  std::string parameter() const;
  /// The images among them.
  std::vector<std::string> images() const;

 private:
  struct Here {
    std::string path;
    std::string layout_index; ///< of an OCI layout: its index.json with the wanted image only
  };

  std::map<std::string, std::string> addresses_; ///< by name
  std::map<std::string, Here> here_;             ///< by name
};

} // namespace gantry::cli
