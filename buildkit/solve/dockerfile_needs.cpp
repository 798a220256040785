#include "buildkit/solve/dockerfile_needs.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <sstream>

#include "base/json.hpp"
#include "base/text.hpp"
#include "buildkit/solve/dockerfile_lines.hpp"

namespace gantry::buildkit {
namespace {

constexpr std::size_t paths_max = 500;
/// Of one value of ARG; of all that is expanded, as in the engine.
constexpr std::size_t expanded_one_max = 64 << 10, expanded_max = 1 << 20;

/// $NAME, ${NAME}, ${NAME:-default} of what is known; false when something else is left, or when it gets too long.
bool expand(const std::string& text, const std::map<std::string, std::string>& values, std::string& out) {
  out.clear();
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (out.size() > expanded_one_max) return false;
    if (text[at] == '"' || text[at] == '\'') continue;
    if (text[at] == '\\') return false;
    if (text[at] != '$') {
      out += text[at];
      continue;
    }
    std::string name, fallback;
    bool has_fallback = false;
    if (at + 1 < text.size() && text[at + 1] == '{') {
      const std::size_t end = text.find('}', at);
      if (end == std::string::npos) return false;
      name = text.substr(at + 2, end - at - 2);
      if (const std::size_t colon = name.find(":-"); colon != std::string::npos) {
        fallback = name.substr(colon + 2);
        name.resize(colon);
        has_fallback = true;
      }
      at = end;
    } else {
      while (at + 1 < text.size() && (std::isalnum(static_cast<unsigned char>(text[at + 1])) || text[at + 1] == '_'))
        name += text[++at];
    }
    const auto found = values.find(name);
    if (found != values.end() && !(found->second.empty() && has_fallback)) {
      out += found->second;
    } else if (has_fallback && fallback.find('$') == std::string::npos) {
      out += fallback;
    } else {
      return false;
    }
  }
  return out.size() <= expanded_one_max;
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream in(text);
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

/// What an instruction of a stage takes from elsewhere.
struct Use {
  std::string from; ///< a stage, an image, a named context; "" is the build's context
  std::vector<std::string> paths;
  bool unsure = false;
};

std::string option(const std::string& word, const std::string& name) {
  return word.starts_with("--" + name + "=") ? word.substr(name.size() + 3) : "";
}

void add_copy(const DockerfileLine& instruction, char escape, std::vector<Use>& uses) {
  Use use;
  std::string_view rest = instruction.rest;
  while (rest.starts_with("--")) {
    const std::size_t space = rest.find_first_of(" \t");
    const std::string word(rest.substr(0, space));
    if (word.starts_with("--from=")) use.from = option(word, "from");
    if (word.starts_with("--parents") || word.starts_with("--exclude")) use.unsure = true;
    rest = space == std::string::npos ? "" : trimmed(rest.substr(space));
  }
  if (rest.starts_with("[")) {
    const Json list = Json::parse(rest, nullptr, false);
    if (!list.is_array()) use.unsure = true;
    if (list.is_array())
      for (const Json& word : list)
        if (word.is_string()) use.paths.push_back(word.get<std::string>());
  } else {
    use.paths = words_of(std::string(rest));
  }
  if (!use.paths.empty()) use.paths.pop_back();
  if (rest.find_first_of("\"'\\`") != std::string::npos && !rest.starts_with("[")) use.unsure = true;
  std::erase_if(use.paths, [&](const std::string& path) {
    return !here_documents(path, escape).empty() || path.find("://") != std::string::npos;
  });
  if (use.paths.empty() && use.from.empty() && !use.unsure) return;
  uses.push_back(std::move(use));
}

void add_mounts(const DockerfileLine& instruction, std::vector<Use>& uses) {
  for (const auto& word : words_of(instruction.rest)) {
    if (!word.starts_with("--")) return;
    if (!word.starts_with("--mount=")) continue;
    std::string type = "bind", source, from;
    std::istringstream fields(word.substr(8));
    for (std::string field; std::getline(fields, field, ',');) {
      const std::size_t equals = field.find('=');
      const std::string key = lower(field.substr(0, equals)), value = equals == std::string::npos ? "" : field.substr(equals + 1);
      if (key == "type") type = value;
      if (key == "source" || key == "src") source = value;
      if (key == "from") from = value;
    }
    if (type != "bind" && type != "tmpfs" && from.empty()) uses.push_back({"scratch", {}, false});
    if (type == "bind" || (type == "cache" && !from.empty())) uses.push_back({from, {source.empty() ? "." : source}, false});
  }
}

struct Stage {
  std::vector<Use> uses;
};

class Reader {
 public:
  Reader(const std::map<std::string, std::string>& args, const std::set<std::string>& contexts)
      : args_(args), contexts_(contexts) {}

  void read(const std::string& text) {
    needs_ = {};
    std::map<std::string, std::string> globals;
    const DockerfileLines lines = lines_of_dockerfile(text);
    if (!lines.sure) needs_.whole_context = true;
    if (!lines.sure) needs_.sure_of_images = false;
    for (const auto& instruction : lines.all) {
      if (instruction.verb == "from") {
        begin_stage(instruction, globals);
      } else if (stages_.empty()) {
        if (instruction.verb == "arg") add_globals(instruction, globals);
      } else if (instruction.verb == "copy" || instruction.verb == "add") {
        add_copy(instruction, lines.escape, stages_.back().uses);
      } else if (instruction.verb == "arg") {
        for (const auto& word : words_of(instruction.rest)) {
          const std::size_t equals = word.find('=');
          outlines_.back().args[word.substr(0, equals)] = equals == std::string::npos ? "" : word.substr(equals + 1);
        }
      } else if (instruction.verb == "run") {
        add_mounts(instruction, stages_.back().uses);
        if (instruction.here_lines > 0) add_here_document(instruction);
      } else if (instruction.verb == "onbuild") {
        continue; // of the image to be, unless a later stage is built on it
      }
    }
  }

  DockerfileNeeds needs(const std::string& target) {
    needs_.stages = outlines_;
    std::size_t wanted = stages_.empty() ? 0 : stages_.size() - 1;
    if (!target.empty()) wanted = stage_called(target).value_or(stages_.size());
    if (wanted >= stages_.size()) { // the engine says what is wrong with it
      needs_.sure_of_images = false;
      return needs_;
    }
    // Not by recursion: stages may be built on each other as often as the client likes.
    need_stage(wanted);
    for (std::size_t i = 0; i < waiting_.size(); ++i) visit(waiting_[i]);
    std::sort(needs_.context_paths.begin(), needs_.context_paths.end());
    needs_.context_paths.erase(std::unique(needs_.context_paths.begin(), needs_.context_paths.end()), needs_.context_paths.end());
    if (needs_.context_paths.size() > paths_max) needs_.whole_context = true;
    if (needs_.whole_context) needs_.context_paths.clear();
    return needs_;
  }

 private:
  /// Where two of them begin alike, it is not known which one the engine means.
  void add_here_document(const DockerfileLine& instruction) {
    const std::string& told = instruction.text;
    const std::string shown = told + " (" + instruction.first_line + (instruction.here_lines > 1 ? "..." : "") + ")";
    const auto [known, is_new] = needs_.here_documents.emplace(told, shown);
    if (!is_new && known->second != shown) known->second = told;
  }

  bool in_budget(std::size_t size) {
    if (expanded_ > expanded_max) return false;
    expanded_ += size;
    return expanded_ <= expanded_max;
  }

  bool expand_in_budget(const std::string& text, const std::map<std::string, std::string>& values, std::string& out) {
    if (expanded_ > expanded_max) return false;
    const bool known = expand(text, values, out);
    return in_budget(out.size()) && known; // what failed has cost as much
  }

  void add_globals(const DockerfileLine& instruction, std::map<std::string, std::string>& globals) {
    for (const auto& word : words_of(instruction.rest)) {
      const std::size_t equals = word.find('=');
      const std::string name = word.substr(0, equals);
      std::string value;
      if (const auto given = args_.find(name); given != args_.end()) {
        globals.erase(name);
        if (in_budget(given->second.size())) globals[name] = given->second;
      } else if (equals != std::string::npos && expand_in_budget(word.substr(equals + 1), globals, value)) {
        globals[name] = value;
      } else if (equals != std::string::npos) {
        globals.erase(name); // not what it was before
      }
    }
  }

  void begin_stage(const DockerfileLine& instruction, const std::map<std::string, std::string>& globals) {
    StageOutline outline;
    outline.line = instruction.line;
    std::vector<std::string> words;
    for (const std::string& word : words_of(instruction.rest)) {
      if (!words.empty() || !word.starts_with("--")) words.push_back(word);
      if (words.empty() && word.starts_with("--platform=")) outline.platform = option(word, "platform");
    }
    if (!words.empty()) outline.known_base = expand_in_budget(words[0], globals, outline.base);
    if (words.size() == 3 && lower(words[1]) == "as") outline.name = lower(words[2]);
    if (!outline.name.empty() && instruction.comment.starts_with("#")) {
      const std::string comment(trimmed(instruction.comment.substr(1)));
      if (comment.starts_with(outline.name + " ")) outline.description = trimmed(comment.substr(outline.name.size()));
    }
    outline.on_stage = outline.known_base && !is_context(outline.base) && stage_called(outline.base).has_value();
    if (!outline.name.empty()) named_[outline.name].push_back(outlines_.size());
    outlines_.push_back(outline);
    stages_.emplace_back();
  }

  std::optional<std::size_t> stage_called(const std::string& name, std::size_t before = SIZE_MAX) const {
    if (const auto found = named_.find(lower(name)); found != named_.end()) { // the last one before it
      const auto end = std::lower_bound(found->second.begin(), found->second.end(), before);
      if (end != found->second.begin()) return *std::prev(end);
    }
    if (!name.empty() && name.size() < 6 && name.find_first_not_of("0123456789") == std::string::npos) {
      const std::size_t number = std::stoul(name);
      if (number < std::min(before, outlines_.size())) return number;
    }
    return std::nullopt;
  }

  bool is_context(const std::string& name) const {
    return contexts_.contains(lower(name)) || contexts_.contains(full_reference(name, true)) ||
           contexts_.contains(full_reference(name, false));
  }

  void need_image(const std::string& name) {
    if (images_.insert(name).second) needs_.images.push_back(name);
  }

  void need_stage(std::size_t index) {
    if (reached_.insert(index).second) waiting_.push_back(index);
  }

  void visit(std::size_t index) {
    const StageOutline& outline = outlines_[index];
    if (!outline.known_base || outline.base.empty()) {
      needs_.sure_of_images = false;
    } else if (is_context(outline.base)) {
      needs_.whole_context = needs_.whole_context || !contexts_.empty(); // an image of it may have triggers
    } else if (const auto stage = stage_called(outline.base, index)) {
      need_stage(*stage);
    } else if (outline.base != "scratch") {
      need_image(outline.base);
    }
    for (const Use& use : stages_[index].uses) {
      if (use.from.empty()) {
        need_paths(use);
      } else if (use.from.find('$') != std::string::npos) {
        needs_.sure_of_images = false;
        needs_.takes_from_elsewhere = true;
      } else if (is_context(use.from)) {
        needs_.takes_from_elsewhere = true;
      } else if (const auto stage = stage_called(use.from, index)) {
        need_stage(*stage);
      } else {
        needs_.takes_from_elsewhere = true;
        if (use.from != "scratch") need_image(use.from);
      }
    }
  }

  void need_paths(const Use& use) {
    if (use.unsure) needs_.whole_context = true;
    for (const std::string& path : use.paths) {
      const std::string clean = std::filesystem::path("/" + path).lexically_normal().relative_path().string();
      if (clean.empty() || clean == "." || path.find_first_of("$\\\"'") != std::string::npos) needs_.whole_context = true;
      needs_.context_paths.push_back(clean.ends_with('/') ? clean.substr(0, clean.size() - 1) : clean);
    }
  }

  const std::map<std::string, std::string>& args_;
  const std::set<std::string>& contexts_;
  std::vector<StageOutline> outlines_;
  std::vector<Stage> stages_;
  std::map<std::string, std::vector<std::size_t>> named_; ///< stages by name, in order
  std::vector<std::size_t> waiting_;                      ///< stages that are needed, also those that have been looked at
  std::set<std::size_t> reached_;                         ///< the same
  std::set<std::string> images_;
  std::size_t expanded_ = 0; ///< bytes
  DockerfileNeeds needs_;
};

} // namespace

DockerfileNeeds needs_of(const std::string& dockerfile, const std::string& target, const std::map<std::string, std::string>& args,
                         const std::set<std::string>& contexts) {
  Reader reader(args, contexts);
  reader.read(dockerfile);
  return reader.needs(target);
}

std::vector<std::string> ignore_patterns(const std::string& text) {
  std::vector<std::string> patterns;
  std::istringstream in(text.starts_with("\xef\xbb\xbf") ? text.substr(3) : text);
  for (std::string line; std::getline(in, line) && patterns.size() < 10000;) {
    if (line.starts_with("#")) continue;
    std::string pattern(trimmed(line));
    if (pattern.empty()) continue;
    const bool negated = pattern.starts_with("!");
    if (negated) pattern = trimmed(std::string(pattern, 1));
    if (pattern.empty()) continue;
    pattern = std::filesystem::path(pattern).lexically_normal().string();
    while (pattern.size() > 1 && pattern.back() == '/') pattern.pop_back();
    if (pattern.size() > 1 && pattern.front() == '/') pattern.erase(0, 1);
    patterns.push_back((negated ? "!" : "") + pattern);
  }
  return patterns;
}

std::string full_reference(const std::string& name, bool with_tag) {
  std::string out = name;
  const std::size_t slash = name.find('/');
  const std::string first = name.substr(0, slash);
  const bool has_host = slash != std::string::npos && (first.find_first_of(".:") != std::string::npos || first == "localhost");
  if (!has_host) out = slash == std::string::npos ? "docker.io/library/" + name : "docker.io/" + name;
  if (out.starts_with("index.docker.io/")) out.erase(0, 6);
  const std::size_t last = out.rfind('/');
  if (with_tag && out.find('@') == std::string::npos && out.find(':', last) == std::string::npos) out += ":latest";
  return out;
}

} // namespace gantry::buildkit
