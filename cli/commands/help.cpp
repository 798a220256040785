#include "cli/commands/help.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "build/dockerfile/suggest.hpp"
#include "cli/commands/command.hpp"

namespace gantry::cli {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> objects{{
    {"builder", "Work with builds"},
    {"container", "Work with containers"},
    {"image", "Work with images"},
    {"network", "Work with networks"},
    {"plugin", "Look at the engine's drivers"},
    {"system", "Look at the engine"},
    {"volume", "Work with volumes"},
}};

std::string row(std::string_view name, std::string_view summary) {
  std::string out = "  " + std::string(name);
  out.resize(std::max<std::size_t>(out.size() + 1, 14), ' ');
  return out + std::string(summary) + "\n";
}

std::vector<std::string_view> words_below(std::string_view object) {
  std::vector<std::string_view> words;
  for (const Command& command : commands()) {
    if (object.empty() && !command.top.empty()) words.push_back(command.top);
    if (!object.empty() && command.object == object) words.push_back(command.verb);
  }
  if (object.empty())
    for (const auto& [name, summary] : objects) words.push_back(name);
  return words;
}

} // namespace

bool is_object(std::string_view word) {
  return std::any_of(objects.begin(), objects.end(), [word](const auto& o) { return o.first == word; });
}

std::string usage_line(const Invocation& in) {
  return "Usage:  " + in.path + (in.command.usage.empty() ? "" : " ") + std::string(in.command.usage) + "\n";
}

std::string alias_line(const Command& command) {
  if (command.object.empty() || (command.top.empty() && command.aliases.empty())) return "";
  const std::string below = "gantry " + std::string(command.object) + " ";
  std::string out = below + std::string(command.verb);
  for (std::size_t at = 0; at < command.aliases.size();) {
    const std::size_t end = std::min(command.aliases.find(' ', at), command.aliases.size());
    out += ", " + below + std::string(command.aliases.substr(at, end - at));
    at = end + 1;
  }
  return command.top.empty() ? out : out + ", gantry " + std::string(command.top);
}

std::string program_help() {
  std::string out = "Usage:  gantry [OPTIONS] COMMAND\n\nRuns containers through the Gantry engine\n\nManagement Commands:\n";
  for (const auto& [name, summary] : objects) out += row(name, summary);
  out += "\nCommands:\n";
  std::vector<const Command*> top;
  for (const Command& command : commands())
    if (!command.top.empty()) top.push_back(&command);
  std::sort(top.begin(), top.end(), [](const Command* a, const Command* b) { return a->top < b->top; });
  for (const Command* command : top) out += row(command->top, command->summary);
  return out +
         "\nGlobal Options:\n"
         "      --config string      Accepted for scripts written for docker; there are no client config files\n"
         "  -D, --debug              Accepted for scripts written for docker\n"
         "  -H, --host list          Daemon to talk to: unix:///path or tcp://host:port\n"
         "                           (default $GANTRY_HOST, $DOCKER_HOST, unix:///run/gantry.sock)\n"
         "  -l, --log-level string   Accepted for scripts written for docker (default \"info\")\n"
         "  -v, --version            Print the version and quit\n"
         "\nRun 'gantry COMMAND --help' for more information on a command.\n";
}

std::string object_help(std::string_view object) {
  std::string out = "Usage:  gantry " + std::string(object) + " COMMAND\n\n";
  for (const auto& [name, summary] : objects)
    if (name == object) out += std::string(summary) + "\n\nCommands:\n";
  for (const Command& command : commands())
    if (command.object == object) out += row(command.verb, command.summary);
  return out + "\nRun 'gantry " + std::string(object) + " COMMAND --help' for more information on a command.\n";
}

std::vector<std::string_view> nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  std::vector<std::pair<std::size_t, std::string_view>> found;
  for (const std::string_view candidate : candidates) {
    const std::size_t distance = candidate.starts_with(word) ? 1 : build::edits(word, candidate);
    // In a short word two edits change too much.
    if (distance <= (word.size() < 5 ? 1U : 2U)) found.emplace_back(distance, candidate);
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string_view> out;
  for (const auto& [distance, candidate] : found)
    if (out.size() < 3) out.push_back(candidate);
  return out;
}

std::string unknown_command(std::string_view object, std::string_view word) {
  const std::string path = object.empty() ? "gantry" : "gantry " + std::string(object);
  std::string out = "gantry: '" + std::string(word) + "' is not a " + path + " command.\n";
  if (const auto close = nearest(word, words_below(object)); !close.empty()) {
    out += close.size() == 1 ? "\nThe nearest command is\n" : "\nThe nearest commands are\n";
    for (const std::string_view name : close) out += "  " + path + " " + std::string(name) + "\n";
  }
  return out + "\nRun '" + path + " --help' for more information";
}

} // namespace gantry::cli
