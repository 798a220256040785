#include <fcntl.h>
#include <sys/stat.h>

#include <charconv>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/id.hpp"
#include "build/builder.hpp"
#include "build/context/download.hpp"
#include "build/copy/place.hpp"
#include "build/run_config.hpp"
#include "files/open.hpp"

namespace gantry::build {

/// One COPY or ADD.
struct Builder::Copy {
  const Instruction& instruction;
  std::vector<std::string> sources; ///< as written, expanded
  std::string destination;
  std::string from, chown;
  std::optional<mode_t> mode;
  std::optional<State> state{}; ///< whose files are copied, instead of the context's
  std::string directory{};      ///< with what was downloaded or written in the Dockerfile, instead of the context
  UniqueFd root{};              ///< of that directory
  std::vector<Source> found{};
  std::string hash{};
};

namespace {

std::optional<mode_t> mode_of(const std::string& text) {
  if (text.empty()) return {};
  unsigned mode = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  if (error != std::errc() || end != text.data() + text.size() || mode > 07777)
    throw invalid("invalid chmod parameter: '" + text + "'. it should be octal string and between 0 and 07777");
  return mode;
}

bool is_url(const std::string& text) { return text.starts_with("http://") || text.starts_with("https://"); }

} // namespace

void Builder::step_copy(const Instruction& instruction) {
  for (const char* flag : {"link", "parents", "exclude", "checksum", "keep-git-dir", "unpack"})
    if (has_flag(instruction, flag) && std::string_view(flag) != "link")
      throw invalid(std::string("the --") + flag +
                    " option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to build images with "
                    "BuildKit enabled");
  const auto value = [&](const std::string& text) { return expand(text, lookup(), escape_); };
  Copy copy{instruction,
            {},
            value(instruction.words.back()),
            value(flag_value(instruction, "from")),
            value(flag_value(instruction, "chown")),
            mode_of(value(flag_value(instruction, "chmod")))};
  for (std::size_t i = 0; i + 1 < instruction.words.size(); ++i) copy.sources.push_back(value(instruction.words[i]));
  if (copy.sources.size() > 1 && !copy.destination.ends_with('/') && copy.destination != ".")
    throw invalid("When using " + instruction.keyword +
                  " with more than one source file, the destination must be a directory and end with a /");
  find_origin(copy);
  copy_from(copy);
}

/// Where the files come from: a stage, an image, the Dockerfile itself, the network, or the context.
void Builder::find_origin(Copy& copy) {
  if (!copy.from.empty()) {
    const int stage = stages_.find(copy.from, stage_, true);
    if (stage < 0 && copy.from == std::to_string(stage_))
      throw invalid("invalid from flag value " + copy.from + ": refers to current build stage");
    if (stage >= 0) {
      copy.state = built(stage).state;
      return;
    }
    try {
      copy.state = base_image(copy.from, request_.platform);
    } catch (const Error& e) {
      if (e.code() == Code::cancelled) throw;
      throw Error(e.code(), "invalid from flag value " + copy.from + ": " + e.what());
    }
    return;
  }
  const bool url = copy.instruction.keyword == "ADD" && std::any_of(copy.sources.begin(), copy.sources.end(), is_url);
  if (!url && copy.instruction.heredocs.empty()) return;
  if (copy.sources.size() > 1) throw invalid(copy.instruction.keyword + " of URLs and heredocs takes one source");
  copy.directory = layers_.scratch().new_path();
  make_directories(copy.directory, 0700);
  if (url) {
    fetch_source(copy);
  } else {
    write_heredoc(copy);
  }
  copy.root = open_file(copy.directory, O_RDONLY | O_DIRECTORY);
}

void Builder::fetch_source(Copy& copy) {
  Download file;
  try {
    file = download(copy.sources[0], copy.directory + "/download", *cancel_);
  } catch (const Error& e) {
    if (e.code() == Code::cancelled) throw;
    throw Error(e.code(), "ADD failed: " + std::string(e.what()));
  }
  if (file.name.empty() && copy.destination.ends_with('/'))
    throw invalid("cannot determine filename for url: " + copy.sources[0]);
  const timespec times[] = {{file.modified_s, 0}, {file.modified_s, 0}};
  (void)::utimensat(AT_FDCWD, file.path.c_str(), times, 0);
  copy.sources[0] = file.name.empty() || file.name == "." || file.name == ".." ? "download" : file.name;
  if (copy.sources[0] != "download" && ::rename(file.path.c_str(), (copy.directory + "/" + copy.sources[0]).c_str()) != 0)
    throw os_error("name a download", errno);
}

void Builder::write_heredoc(Copy& copy) {
  const Heredoc& heredoc = copy.instruction.heredocs.front();
  if (heredoc.name.find('/') != std::string::npos) throw invalid("a heredoc's name cannot contain a slash: " + heredoc.name);
  const std::string text = heredoc.expand ? expand_heredoc(heredoc.content, lookup(), escape_) : heredoc.content;
  write_file_atomic(copy.directory + "/" + heredoc.name, text, 0644);
  copy.sources[0] = heredoc.name;
}

void Builder::look_at(Copy& copy, int root) {
  const std::string& keyword = copy.instruction.keyword;
  try {
    for (const auto& written : copy.sources)
      for (auto& source : find_sources(root, written, copy.from.empty())) copy.found.push_back(std::move(source));
    if (copy.found.empty()) throw not_found("no source files were specified");
  } catch (const Error& e) {
    throw Error(e.code(), keyword + " failed: " + e.what());
  }
  if (copy.found.size() > 1 && !copy.destination.ends_with('/') && copy.destination != ".")
    throw invalid("When using " + keyword +
                  " with more than one source file, the destination must be a directory and end with a /");
  copy.hash = sources_hash(root, copy.found);
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
  const int own = copy.root ? copy.root.get() : context_.root.get();
  if (copy.state) {
    layers_.look(*copy.state, [&](int root) { look_at(copy, root); });
  } else {
    look_at(copy, own);
  }
  const std::string chown = copy.chown.empty() ? "" : "--chown=" + copy.chown; // no blank behind it, as Docker writes it
  const std::string created_by = nop(keyword + " " + chown + copy.hash + " in " + copy.destination + " ");
  // What the destination means depends on names, too.
  std::string more = copy.mode ? std::to_string(*copy.mode) : "";
  for (const auto& source : copy.found) more += '\0' + source.name;
  const State before = state_;
  if (probe(created_by, more)) return;
  Placing placing;
  placing.destination = destination_of(copy);
  placing.mode = copy.mode;
  placing.unpack = keyword == "ADD" && copy.directory.empty();
  const auto layer = layers_.change(state_, copy.state ? &*copy.state : nullptr, [&](int to, int from) {
    if (!copy.chown.empty()) placing.owner = chown_owner(to, copy.chown);
    place(copy.state ? from : own, to, copy.found, placing);
  });
  commit_state(state_, {created_by, random_id()}, layer);
  keep(before, created_by, more, layer ? layer->size : 0);
}

} // namespace gantry::build
