#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gantry::buildkit {

/// An instruction of a Dockerfile, as far as a look ahead needs it.
struct DockerfileLine {
  std::string verb;       ///< in lower case
  std::string rest;       ///< what follows it, with its flags
  std::string text;       ///< as the engine tells of it: continuations joined
  std::string comment;    ///< the line before it
  std::string first_line; ///< of its here-document, without blanks around it
  int here_lines = 0, line = 0;
};

struct DockerfileLines {
  std::vector<DockerfileLine> all;
  char escape = '\\';
  bool sure = true; ///< false: too long, or a here-document without an end: the engine knows more than this
};

/// By the engine's rules (engine/build/dockerfile), which it decides with; here nothing is an error. Time and memory are linear.
DockerfileLines lines_of_dockerfile(std::string_view text);

struct HereDocument {
  std::string name;
  bool chomp = false; ///< "<<-": tabs before its lines do not count
};

/// What `rest`, an instruction's arguments, opens: words of digits and "<<", not "<<<" and not inside of words.
std::vector<HereDocument> here_documents(std::string_view rest, char escape);

/// `rest` without the "--…" words at its front.
std::string_view without_flags(std::string_view rest, char escape);

} // namespace gantry::buildkit
