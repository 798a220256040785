#include "cli/args/flag_set.hpp"

#include <cstdio>
#include <stdexcept>

#include "cli/args/numbers.hpp"
#include "cli/failure.hpp"

namespace gantry::cli {

Flag& FlagSet::add(Flag flag) { return flags_.emplace_back(std::move(flag)); }

Flag& FlagSet::boolean(const char* name, char short_name, bool& out, const char* help) {
  return add({name, short_name, "", help, {}, [&out](const std::string& s) { out = parse_bool(s); }});
}

Flag& FlagSet::text(const char* name, char short_name, std::string& out, const char* help, const char* type) {
  return add({name, short_name, type, help, {}, [&out](const std::string& s) { out = s; }});
}

Flag& FlagSet::list(const char* name, char short_name, std::vector<std::string>& out, const char* help, const char* type) {
  return add({name, short_name, type, help, {}, [&out](const std::string& s) { out.push_back(s); }});
}

Flag& FlagSet::integer(const char* name, char short_name, std::int64_t& out, const char* help) {
  return add({name, short_name, "int", help, {}, [&out](const std::string& s) { out = parse_int(s); }});
}

std::vector<std::string> FlagSet::parse(Stop stop) {
  const auto& args = invocation_.args;
  std::vector<std::string> words;
  for (std::size_t i = 0; i < args.size(); ++i) {
    const std::string& arg = args[i];
    if (arg == "--") {
      words.insert(words.end(), args.begin() + static_cast<std::ptrdiff_t>(i) + 1, args.end());
      break;
    }
    if (arg.size() < 2 || arg[0] != '-') {
      words.push_back(arg);
      if (stop == Stop::never) continue;
      words.insert(words.end(), args.begin() + static_cast<std::ptrdiff_t>(i) + 1, args.end());
      break;
    }
    arg[1] == '-' ? parse_long(args, i) : parse_short(args, i);
  }
  check_count(words.size());
  return words;
}

void FlagSet::parse_long(const std::vector<std::string>& args, std::size_t& i) {
  const std::string& arg = args[i];
  const auto equals = arg.find('=');
  const std::string name = arg.substr(2, equals == std::string::npos ? equals : equals - 2);
  if (name == "help") {
    const std::string text = help();
    std::fwrite(text.data(), 1, text.size(), stdout);
    throw Failure("", 0);
  }
  Flag* flag = find(name);
  if (flag == nullptr) usage_error("unknown flag: --" + name);
  if (equals != std::string::npos) return assign(*flag, arg.substr(equals + 1));
  if (flag->boolean()) return assign(*flag, "true");
  if (i + 1 == args.size()) usage_error("flag needs an argument: --" + name);
  assign(*flag, args[++i]);
}

void FlagSet::parse_short(const std::vector<std::string>& args, std::size_t& i) {
  const std::string& arg = args[i];
  for (std::size_t at = 1; at < arg.size(); ++at) {
    Flag* flag = find(arg[at]);
    if (flag == nullptr) usage_error(std::string("unknown shorthand flag: '") + arg[at] + "' in -" + arg.substr(at));
    const bool with_equals = at + 2 < arg.size() && arg[at + 1] == '=';
    if (with_equals) return assign(*flag, arg.substr(at + 2));
    if (flag->boolean()) {
      assign(*flag, "true");
      continue;
    }
    if (at + 1 < arg.size()) return assign(*flag, arg.substr(at + 1));
    if (i + 1 == args.size()) usage_error(std::string("flag needs an argument: '") + arg[at] + "' in -" + arg.substr(at));
    return assign(*flag, args[++i]);
  }
}

void FlagSet::assign(Flag& flag, const std::string& value) {
  try {
    flag.set(value);
  } catch (const std::invalid_argument& e) {
    const std::string shown = (flag.short_name ? std::string("-") + flag.short_name + ", " : "") + "--" + flag.name;
    usage_error("invalid argument \"" + value + "\" for \"" + shown + "\" flag: " + e.what());
  }
  flag.changed = true;
}

void FlagSet::check_count(std::size_t words) const {
  const int min = invocation_.command.min_words, max = invocation_.command.max_words;
  const int got = static_cast<int>(words);
  if (got >= min && (max < 0 || got <= max)) return;
  const auto counted = [](int n) { return std::to_string(n) + (n == 1 ? " argument" : " arguments"); };
  std::string rule = max == 0             ? "accepts no arguments"
                     : min == max         ? "requires " + counted(min)
                     : min > 0 && max > 0 ? "requires at least " + std::to_string(min) + " and at most " + counted(max)
                     : got < min          ? "requires at least " + counted(min)
                                          : "requires at most " + counted(max);
  const char* see = rule.starts_with("requires at least") && max < 0 ? "See" : "Run";
  throw Failure("gantry: '" + invocation_.path + "' " + rule + "\n\n" + usage_line(invocation_) + "\n" + see + " '" +
                invocation_.path + " --help' for more information");
}

void FlagSet::usage_error(const std::string& message) const {
  throw Failure(message + "\n\n" + usage_line(invocation_) + "\nRun '" + invocation_.path + " --help' for more information", 125);
}

bool FlagSet::changed(std::string_view name) const {
  for (const Flag& flag : flags_)
    if (flag.name == name) return flag.changed;
  return false;
}

Flag* FlagSet::find(std::string_view name) {
  for (Flag& flag : flags_)
    if (flag.name == name) return &flag;
  return nullptr;
}

Flag* FlagSet::find(char short_name) {
  for (Flag& flag : flags_)
    if (flag.short_name == short_name) return &flag;
  return nullptr;
}

} // namespace gantry::cli
