#include "build/stages.hpp"

#include <algorithm>
#include <charconv>

#include "base/error.hpp"
#include "build/context/named_contexts.hpp"
#include "build/dockerfile/words.hpp"
#include "build/mounts/mount_flag.hpp"

namespace gantry::build {
namespace {

int as_number(const std::string& text) {
  int number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : -1;
}

constexpr std::size_t stages_max = 1000;

/// A trigger that takes something from a stage takes it in whatever stage is built on its image.
bool has_trigger_from(const Stages& all) {
  for (const auto& stage : all.stages)
    for (const auto& i : stage.instructions)
      if (i.keyword == "ONBUILD" && lower(i.original).find("from=") != std::string::npos) return true;
  return false;
}

/// What stage `index` refers to. A name with variables or quotes may turn out to be any stage before it.
void mark_what_it_needs(Stages& all, std::size_t index) {
  const auto mark = [&](const std::string& name, bool numbers) {
    if (!all.contexts.empty() && all.contexts.contains(context_key(name))) return;
    if (const int other = all.find(name, index, numbers); other >= 0) all.needed[static_cast<std::size_t>(other)] = true;
    if (name.find_first_of("$\"'\\`") != std::string::npos)
      std::fill(all.needed.begin(), all.needed.begin() + static_cast<std::ptrdiff_t>(index), true);
  };
  mark(all.stages[index].base, false);
  for (const auto& i : all.stages[index].instructions) {
    if (i.keyword == "COPY" && has_flag(i, "from")) mark(flag_value(i, "from"), true);
    for (const auto& flag : i.flags)
      if (flag.starts_with("--mount=")) mark(mount_flag_from(flag.substr(8)), true);
  }
}

/// A stage that the client gives a context for is that and nothing else.
void put_contexts(Stages& all, const BuildRequest& request) {
  for (const auto& [name, address] : request.contexts) all.contexts.insert(context_key(name));
  if (all.contexts.empty()) return;
  for (auto& stage : all.stages) {
    if (stage.name.empty() || !all.contexts.contains(context_key(stage.name))) continue;
    stage.is_context = true;
    stage.base = stage.name;
    stage.instructions.clear();
  }
}

Instruction label_of(const std::string& key, const std::string& value) {
  Instruction i;
  i.keyword = "LABEL";
  i.original = "LABEL " + key + "=" + value;
  const auto quoted = [](const std::string& text) {
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? std::string("'\"'\"'") : std::string(1, c);
    return out + "'";
  };
  i.words = {quoted(key) + "=" + quoted(value)};
  return i;
}

} // namespace

int Stages::find(const std::string& name, std::size_t before, bool numbers) const {
  const std::string wanted = lower(name);
  for (std::size_t i = before; i-- > 0;)
    if (!stages[i].name.empty() && stages[i].name == wanted) return static_cast<int>(i);
  const int number = numbers ? as_number(name) : -1;
  return number >= 0 && static_cast<std::size_t>(number) < before ? number : -1;
}

Stages cut_stages(const Dockerfile& file, const BuildRequest& request) {
  Stages all;
  for (const auto& i : file.instructions) {
    if (i.keyword == "FROM") {
      all.stages.push_back({i, i.words.front(), i.words.size() == 3 ? lower(i.words[2]) : "", {}});
    } else if (all.stages.empty()) {
      all.global_args.push_back(i);
    } else {
      all.stages.back().instructions.push_back(i);
    }
  }
  if (all.stages.size() > stages_max)
    throw invalid("the Dockerfile has " + std::to_string(all.stages.size()) + " stages; allowed are " +
                  std::to_string(stages_max));
  put_contexts(all, request);
  refuse_cycles(all);
  if (!request.target.empty()) {
    const int target = all.find(request.target, all.stages.size(), true);
    if (target < 0) throw invalid("failed to reach build target " + request.target + " in Dockerfile");
    all.stages.resize(static_cast<std::size_t>(target) + 1);
  }
  for (const auto& [key, value] : request.labels) all.stages.back().instructions.push_back(label_of(key, value));
  all.needed.assign(all.stages.size(), has_trigger_from(all));
  // References lead backwards only.
  all.needed.back() = true;
  for (std::size_t i = all.stages.size(); i-- > 0;)
    if (all.needed[i]) mark_what_it_needs(all, i);
  return all;
}

} // namespace gantry::build
