#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace gantry::buildkit {

/// A stage, as far as it can be told without building.
struct StageOutline {
  std::string name;        ///< in lower case; "" for none
  std::string base;        ///< with variables replaced as far as they are known
  std::string description; ///< of the comment before FROM, "# NAME DESCRIPTION"
  std::string platform;
  int line = 0;
  bool known_base = true;                    ///< `base` has no variable left
  bool on_stage = false;                     ///< `base` is another stage
  std::map<std::string, std::string> args{}; ///< ARG and its default
};

/// What a build of a target takes from outside: a cheap look ahead, to ask the client only for what is needed. The engine decides
/// what the Dockerfile means; where this is not sure it says that everything is needed.
struct DockerfileNeeds {
  std::vector<StageOutline> stages;
  std::vector<std::string> images;   ///< what the target's stages are built on and copy from, each once, in order
  bool sure_of_images = true;        ///< there are no others
  bool takes_from_elsewhere = false; ///< files of images and contexts, secrets, caches
  bool whole_context = false;
  std::vector<std::string> context_paths; ///< otherwise: only these
  /// RUN with a here-document: the instruction as it stands -> as BuildKit tells of it, "RUN <<EOF (make…)".
  std::map<std::string, std::string> here_documents;
};

/// `target`: a stage's name or number, "" for the last. `args`: values of build arguments. `contexts`: names of named contexts.
DockerfileNeeds needs_of(const std::string& dockerfile, const std::string& target, const std::map<std::string, std::string>& args,
                         const std::set<std::string>& contexts);

/// The patterns of a .dockerignore.
std::vector<std::string> ignore_patterns(const std::string& text);

/// "busybox" is docker.io/library/busybox:latest.
std::string full_reference(const std::string& name, bool with_tag);

} // namespace gantry::buildkit
