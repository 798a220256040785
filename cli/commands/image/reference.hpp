#pragma once

#include <string>

namespace gantry::cli {

/// The name and the tag (or digest) of an image; the tag is empty when there is none.
struct Reference {
  std::string name, tag;
  bool digest = false;
};

Reference split_reference(const std::string& text);
/// "busybox" as "busybox:latest".
std::string with_default_tag(const std::string& text);
/// Throws Failure "invalid reference format…" for what can be no image name.
void check_reference(const std::string& text);

/// "docker.io/library/busybox:latest" of "busybox:latest": what says everything.
std::string full_name(const std::string& text);
/// "docker.io", "127.0.0.1:5000": the registry of a familiar name.
std::string registry_of(const std::string& name);

} // namespace gantry::cli
