#pragma once

#include <string>

#include "base/error.hpp"

namespace gantry::build {

/// Where in a Dockerfile something is.
struct Place {
  int first_line = 0, last_line = 0; ///< from 1; 0: unknown
  std::string token{};               ///< in these lines, that is meant; empty: all of them
  std::string why{};                 ///< for people, with suggestions; empty: what() says it
};

/// An error of the Dockerfile language. what() is dockerd's text, which clients know.
class DockerfileError : public Error {
 public:
  DockerfileError(const std::string& classic, Place place) : Error(Code::invalid, classic), place_(std::move(place)) {}
  const Place& place() const { return place_; }

 private:
  Place place_;
};

/// `error` with these lines, and with `classic` for what(). What it says of its token stays.
DockerfileError located(const Error& error, const std::string& classic, int first_line, int last_line);

/// "NAME:3:5: why" with the lines below it, and a caret under the token when it is there. What could mean something to a terminal
/// is not shown. `text` is the Dockerfile; without a line only "NAME: why".
std::string show_place(const std::string& name, const std::string& text, const Place& place, const std::string& why);

/// The lines around a place, as `docker build --check` shows them:
///     --------------------
///        1 |     FROM x
///        2 | >>> RUN y
///     --------------------
std::string show_excerpt(const std::string& text, const Place& place);

} // namespace gantry::build
