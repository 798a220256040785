#include <fcntl.h>
#include <sys/stat.h>

#include <tuple>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/id.hpp"
#include "build/builder.hpp"
#include "build/context/download.hpp"
#include "build/context/git.hpp"
#include "build/copy/place.hpp"
#include "build/dockerfile/words.hpp"
#include "build/run_config.hpp"
#include "files/open.hpp"

namespace gantry::build {

/// One COPY or ADD.
struct Builder::Copy {
  const Instruction& instruction;
  std::vector<std::string> sources; ///< as written, expanded
  std::string destination;
  std::string from, chown, chmod, checksum;
  std::vector<std::string> excluded; ///< patterns
  bool parents = false, keep_git_dir = false;
  std::optional<bool> unpack{}; ///< said so
  Selection selection{};
  std::optional<State> state{};    ///< whose files are copied, instead of the context's
  ContextTreePtr tree{};           ///< the same, of a named context
  std::string directory{};         ///< with what was fetched or written in the Dockerfile, instead of the context
  bool remote = false;             ///< it was fetched
  UniqueFd root{};                 ///< of that directory
  std::optional<Source> literal{}; ///< what is in it, whatever its name looks like
  std::vector<Source> found{};
  std::string hash{};
};

namespace {

bool is_sha256(const std::string& digest) {
  return digest.starts_with("sha256:") && digest.size() == 71 && digest.find_first_not_of("0123456789abcdef", 7) == digest.npos;
}

bool is_url(const std::string& text) { return text.starts_with("http://") || text.starts_with("https://"); }

/// "--link", or "--link=true" as Go reads it.
std::optional<bool> switch_value(const Instruction& instruction, const std::string& name) {
  if (!has_flag(instruction, name)) return {};
  const std::string value = lower(flag_value(instruction, name));
  if (value.empty() || value == "1" || value == "t" || value == "true") return true;
  if (value == "0" || value == "f" || value == "false") return false;
  throw invalid("expecting boolean value for flag " + name + ", not: " + value);
}

std::vector<std::string> flag_values(const Instruction& instruction, const std::string& name) {
  std::vector<std::string> values;
  for (const auto& flag : instruction.flags)
    if (flag.starts_with("--" + name + "=")) values.push_back(flag.substr(name.size() + 3));
  return values;
}

IgnoreRules rules_of(const std::vector<std::string>& patterns) {
  std::string text;
  for (const auto& pattern : patterns) text += pattern + "\n";
  return IgnoreRules(text);
}

} // namespace

void Builder::step_copy(const Instruction& instruction) {
  const auto value = [&](const std::string& text) { return expand(text, lookup(), escape_); };
  const auto flag = [&](const char* name) { return value(flag_value(instruction, name)); };
  Copy copy{instruction, {}, value(instruction.words.back()), flag("from"), flag("chown"), flag("chmod"), flag("checksum"), {}};
  for (const auto& pattern : flag_values(instruction, "exclude")) copy.excluded.push_back(value(pattern));
  copy.selection = Selection(rules_of(copy.excluded));
  copy.parents = switch_value(instruction, "parents").value_or(false);
  copy.keep_git_dir = switch_value(instruction, "keep-git-dir").value_or(false);
  copy.unpack = switch_value(instruction, "unpack");
  (void)switch_value(instruction, "link"); // layers are what they are in any case
  for (std::size_t i = 0; i + 1 < instruction.words.size(); ++i) copy.sources.push_back(value(instruction.words[i]));
  if (copy.sources.size() > 1 && !copy.destination.ends_with('/') && copy.destination != ".")
    throw invalid("When using " + instruction.keyword +
                  " with more than one source file, the destination must be a directory and end with a /");
  if (!copy.chmod.empty()) (void)ModeChange(copy.chmod); // before anything is fetched
  find_origin(copy);
  copy_from(copy);
}

std::pair<std::optional<State>, ContextTreePtr> Builder::files_of(const std::string& from) {
  if (job_.contexts.has(from)) {
    const std::string image = job_.contexts.image(from);
    if (image.empty()) return {std::nullopt, job_.contexts.tree(from, *cancel_)};
    return {base_image(image, request_.platform), nullptr};
  }
  const int stage = stages_.find(from, stage_, true);
  if (stage < 0 && from == std::to_string(stage_))
    throw invalid("invalid from flag value " + from + ": refers to current build stage");
  if (stage >= 0) return {built(stage).state, nullptr};
  if (from == "scratch") return {empty_state(""), nullptr};
  try {
    return {base_image(from, request_.platform), nullptr};
  } catch (const Error& e) {
    if (e.code() == Code::cancelled) throw;
    throw Error(e.code(), "invalid from flag value " + from + ": " + e.what());
  }
}

/// Where the files come from: a stage, an image, the Dockerfile itself, the network, or the context.
void Builder::find_origin(Copy& copy) {
  if (!copy.from.empty()) {
    std::tie(copy.state, copy.tree) = files_of(copy.from);
    return;
  }
  const bool add = copy.instruction.keyword == "ADD";
  // A context may be "github.com/…"; here that is a directory.
  const auto remote = [](const std::string& source) {
    return is_url(source) || (is_git(source) && !source.starts_with("github.com/"));
  };
  copy.remote = add && std::any_of(copy.sources.begin(), copy.sources.end(), remote);
  if (!copy.checksum.empty() && !copy.remote) throw invalid("checksum can't be specified for non-HTTP(S) sources");
  if (!copy.remote && copy.instruction.heredocs.empty()) return;
  if (copy.sources.size() > 1) throw invalid(copy.instruction.keyword + " of URLs and heredocs takes one source");
  if (copy.remote && is_git(copy.sources[0])) {
    fetch_repository(copy);
  } else {
    copy.directory = layers_.scratch().new_path();
    make_directories(copy.directory, 0700);
    if (copy.remote)
      fetch_source(copy);
    else
      write_heredoc(copy);
  }
  copy.root = open_file(copy.directory, O_RDONLY | O_DIRECTORY);
}

/// What goes wrong with the network is ADD's.
template <class F>
auto Builder::fetching(const F& f) {
  try {
    return f();
  } catch (const Error& e) {
    if (e.code() == Code::cancelled) throw;
    throw Error(e.code(), "ADD failed: " + std::string(e.what()));
  }
}

void Builder::fetch_repository(Copy& copy) {
  const GitTree tree = fetching([&] { return fetch_git(copy.sources[0], copy.keep_git_dir, layers_.scratch(), *cancel_); });
  if (!copy.checksum.empty() && !tree.commit.starts_with(copy.checksum))
    throw invalid("expected checksum to match " + copy.checksum + ", got " + tree.commit);
  copy.directory = tree.directory;
  copy.literal = Source{"", "", true};
  // What git keeps for itself differs every time.
  if (!copy.keep_git_dir) return;
  copy.hash = "git:" + tree.commit;
  const std::size_t fragment = copy.sources[0].find('#'), colon = copy.sources[0].find(':', fragment);
  if (fragment != std::string::npos && colon != std::string::npos) copy.hash += copy.sources[0].substr(colon);
  for (const auto& pattern : copy.excluded) copy.hash += " without " + pattern;
}

void Builder::fetch_source(Copy& copy) {
  const std::string& wanted = copy.checksum;
  if (!wanted.empty() && !is_sha256(wanted)) throw invalid("invalid checksum digest format: " + wanted);
  const Download file =
      fetching([&] { return download(copy.sources[0], copy.directory + "/.download", with_.registries.outside(), *cancel_); });
  if (!wanted.empty() && file.digest != wanted) throw invalid("digest mismatch " + file.digest + ": " + wanted);
  if (file.name.empty() && copy.destination.ends_with('/'))
    throw invalid("cannot determine filename for url: " + copy.sources[0]);
  const timespec times[] = {{file.modified_s, 0}, {file.modified_s, 0}};
  (void)::utimensat(AT_FDCWD, file.path.c_str(), times, 0);
  // In a directory of its own, so that no name of the server's is in anything's way.
  copy.directory += "/file";
  make_directories(copy.directory, 0700);
  const std::string name = file.name.empty() ? "download" : file.name;
  if (::rename(file.path.c_str(), (copy.directory + "/" + name).c_str()) != 0) throw os_error("name a download", errno);
  copy.literal = Source{name, name};
}

void Builder::write_heredoc(Copy& copy) {
  const Heredoc& heredoc = copy.instruction.heredocs.front();
  if (heredoc.name.find('/') != std::string::npos) throw invalid("a heredoc's name cannot contain a slash: " + heredoc.name);
  const std::string text = heredoc.expand ? expand_heredoc(heredoc.content, lookup(), escape_) : heredoc.content;
  write_file_atomic(copy.directory + "/" + heredoc.name, text, 0644);
  copy.literal = Source{heredoc.name, heredoc.name};
}

/// Of a directory what is inside is looked at, unless its own name is copied, too.
bool Builder::is_excluded(const Copy& copy, int root, const Source& source) {
  const std::string path = copy.parents ? source.shown : source.name;
  if (copy.excluded.empty() || path.empty() || (source.directory && !copy.parents)) return false;
  const std::string above = files::parent_of(source.path), name = files::last_name(source.path);
  const UniqueFd parent = files::open_in_root(root, above.empty() ? "/" : above, O_RDONLY | O_DIRECTORY);
  struct stat info {};
  return parent && files::stat_child(parent.get(), name, info) && !copy.selection.takes(parent.get(), name, info, path);
}

void Builder::look_at(Copy& copy, int root) {
  const std::string& keyword = copy.instruction.keyword;
  const SourceSyntax syntax{copy.from.empty(), copy.parents};
  try {
    if (copy.literal) copy.found = {*copy.literal};
    for (const auto& written : copy.literal ? std::vector<std::string>{} : copy.sources)
      for (auto& source : find_sources(root, written, syntax)) copy.found.push_back(std::move(source));
    if (copy.found.empty()) throw not_found("no source files were specified");
  } catch (const Error& e) {
    throw Error(e.code(), keyword + " failed: " + e.what());
  }
  if (copy.found.size() > 1 && !copy.destination.ends_with('/') && copy.destination != ".")
    throw invalid("When using " + keyword +
                  " with more than one source file, the destination must be a directory and end with a /");
  std::erase_if(copy.found, [&](const Source& source) { return is_excluded(copy, root, source); });
  if (copy.hash.empty()) copy.hash = sources_hash(root, copy.found, copy.selection);
}

/// Absolute; a slash at its end stays.
std::string Builder::destination_of(const Copy& copy) const {
  if (copy.destination.starts_with('/')) return copy.destination;
  const bool directory = copy.destination.ends_with('/') || copy.destination == ".";
  std::string path = files::clean_path(state_.config.working_dir + "/" + copy.destination);
  if (directory && !path.ends_with('/')) path += "/";
  return path;
}

void Builder::copy_from(Copy& copy) {
  const std::string& keyword = copy.instruction.keyword;
  const int own = copy.tree ? copy.tree->root.get() : copy.root ? copy.root.get() : context_.root.get();
  if (copy.state) {
    layers_.look(*copy.state, [&](int root) { look_at(copy, root); });
  } else {
    look_at(copy, own);
  }
  const std::string chown = copy.chown.empty() ? "" : "--chown=" + copy.chown; // no blank behind it, as Docker writes it
  const std::string created_by = nop(keyword + " " + chown + copy.hash + " in " + copy.destination + " ");
  // What the destination means depends on names, too.
  std::string more = copy.chmod;
  for (const auto& source : copy.found) more += '\0' + (copy.parents ? source.shown : source.name);
  if (copy.unpack) more += *copy.unpack ? " unpack" : " whole";
  if (copy.parents) more += " parents";
  if (request_.setuid) more += " setuid";
  const State before = state_;
  if (probe(created_by, more)) return;
  Placing placing;
  placing.destination = destination_of(copy);
  if (!copy.chmod.empty()) placing.mode = ModeChange(copy.chmod);
  placing.unpack = keyword == "ADD" && copy.unpack.value_or(copy.directory.empty());
  placing.parents = copy.parents;
  placing.setuid = request_.setuid;
  placing.selection = copy.selection;
  const auto layer = layers_.change(state_, copy.state ? &*copy.state : nullptr, [&](int to, int from) {
    if (!copy.chown.empty()) placing.owner = chown_owner(to, copy.chown);
    place(copy.state ? from : own, to, copy.found, placing);
  });
  commit_state(state_, {created_by, random_id(), epoch_}, layer);
  keep(before, created_by, more, layer ? layer->size : 0);
}

} // namespace gantry::build
