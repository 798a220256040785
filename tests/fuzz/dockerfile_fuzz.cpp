// Everything that reads a Dockerfile before anything runs: parser, checks, stages, lint, substitutions. Nothing but Error may
// come out of it, and nothing may take long.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/error.hpp"
#include "build/dockerfile/expand.hpp"
#include "build/dockerfile/position.hpp"
#include "build/lint/lint.hpp"
#include "build/mounts/mount_flag.hpp"
#include "build/stages.hpp"

namespace {

using namespace gantry::build;

void substitute(const Dockerfile& file) {
  const Lookup lookup = [](const std::string& name) -> std::optional<std::string> {
    if (name.size() % 3 == 0) return {};
    return "value of $" + name;
  };
  for (const auto& i : file.instructions) {
    auto words = i.words;
    words.insert(words.end(), i.flags.begin(), i.flags.end());
    for (const auto& word : words) {
      try {
        (void)expand(word, lookup, file.escape);
        (void)expand_heredoc(word, lookup, file.escape);
      } catch (const gantry::Error&) {
      }
    }
    for (const auto& flag : i.flags) (void)mount_flag_from(flag);
  }
}

void read(const std::string& text) {
  const Dockerfile file = parse_dockerfile(text);
  substitute(file);
  for (const auto& i : file.instructions)
    if (i.first_line < 1 || i.last_line < i.first_line) std::abort();
  const auto env_of_image = [](const std::string&) { return std::optional<std::vector<std::string>>({"PATH=/bin"}); };
  for (const auto& warning : lint({text, file, "*.x\n!y", {}, env_of_image}).warnings) {
    (void)show_excerpt(text, {warning.first_line, warning.last_line});
    (void)warning.description();
  }
  BuildRequest request;
  request.labels["a"] = "it's";
  const Stages stages = cut_stages(file, request);
  if (stages.needed.size() != stages.stages.size()) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    read(text);
  } catch (const DockerfileError& e) {
    (void)show_place("Dockerfile", text, e.place(), e.what());
  } catch (const gantry::Error&) {
  }
  return 0;
}
