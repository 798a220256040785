#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands/command.hpp"

namespace gantry::cli {

/// One flag of a command, as `--help` shows it and as the parser sees it.
struct Flag {
  std::string name;
  char short_name = 0; ///< 0: none
  std::string type;    ///< what help shows after the name; empty for a boolean
  std::string help;
  std::string standard{}; ///< default, as help shows it; empty: not shown
  std::function<void(const std::string&)> set;
  bool hidden = false; ///< accepted, but not in help
  bool changed = false;

  bool boolean() const { return type.empty(); }
};

/// The flags of one command, parsed by the rules that Docker's users are used to: `-it`, `-p80:80`, `-p=80:80`, `--name x`,
/// `--name=x`,
/// `--rm=false`, `--` ends the flags. Commands that run another command end their flags at the first word that is none.
///
/// A wrong flag or value throws Failure with Docker's sentence, the usage line and code 125; a wrong number of words the same
/// with code 1.
class FlagSet {
 public:
  enum class Stop { never, at_first_word };

  explicit FlagSet(const Invocation& invocation) : invocation_(invocation) {}

  Flag& add(Flag flag);
  Flag& boolean(const char* name, char short_name, bool& out, const char* help);
  Flag& text(const char* name, char short_name, std::string& out, const char* help, const char* type = "string");
  Flag& list(const char* name, char short_name, std::vector<std::string>& out, const char* help, const char* type = "list");
  Flag& integer(const char* name, char short_name, std::int64_t& out, const char* help);
  /// `convert` returns what is stored, or throws std::invalid_argument with what is wrong with the value.
  template <class T, class Convert>
  Flag& value(const char* name, char short_name, const char* type, T& out, Convert convert, const char* help) {
    return add({name, short_name, type, help, {}, [&out, convert](const std::string& s) { out = convert(s); }});
  }

  /// The words that are not flags. Prints help and throws Failure("", 0) for --help.
  std::vector<std::string> parse(Stop stop = Stop::never);
  bool changed(std::string_view name) const;
  std::string help() const;

 private:
  Flag* find(std::string_view name);
  Flag* find(char short_name);
  void parse_long(const std::vector<std::string>& args, std::size_t& i);
  void parse_short(const std::vector<std::string>& args, std::size_t& i);
  void assign(Flag& flag, const std::string& value);
  void check_count(std::size_t words) const;
  [[noreturn]] void usage_error(const std::string& message) const;

  const Invocation& invocation_;
  std::vector<Flag> flags_;
};

} // namespace gantry::cli
