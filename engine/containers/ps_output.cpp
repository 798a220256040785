#include "containers/ps_output.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include <gantry/sdk/spawn.hpp>

#include "base/error.hpp"

extern char** environ;

namespace gantry::containers {
namespace {

constexpr std::size_t max_output = 16 << 20;

StringList words_of(const std::string& line) {
  std::istringstream stream(line);
  StringList words;
  for (std::string word; stream >> word;) words.push_back(std::move(word));
  return words;
}

/// The last column may contain blanks: everything behind the others belongs to it.
StringList columns_of(const std::string& line, std::size_t count) {
  StringList words = words_of(line);
  while (words.size() > count) {
    words[words.size() - 2] += " " + words.back();
    words.pop_back();
  }
  return words;
}

std::string read_all(int fd) {
  std::string text;
  char block[16384];
  for (;;) {
    const ssize_t n = ::read(fd, block, sizeof block);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0 || text.size() > max_output) return text;
    text.append(block, static_cast<std::size_t>(n));
  }
}

} // namespace

TopResult parse_ps(const std::string& output, const std::vector<std::int32_t>& pids) {
  std::istringstream lines(output);
  std::string line;
  std::getline(lines, line);
  TopResult result;
  result.titles = words_of(line);
  const auto pid_title = std::find(result.titles.begin(), result.titles.end(), "PID");
  if (pid_title == result.titles.end()) throw internal("Couldn't find PID field in ps output");
  const auto pid_column = static_cast<std::size_t>(pid_title - result.titles.begin());
  while (std::getline(lines, line)) {
    StringList columns = columns_of(line, result.titles.size());
    if (columns.size() <= pid_column) continue;
    std::int32_t pid = 0;
    const std::string& text = columns[pid_column];
    std::from_chars(text.data(), text.data() + text.size(), pid);
    if (std::find(pids.begin(), pids.end(), pid) != pids.end()) result.processes.push_back(std::move(columns));
  }
  return result;
}

std::string run_ps(const std::string& arguments) {
  StringList words = words_of(arguments);
  words.insert(words.begin(), "ps");
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw os_error("pipe for ps", errno);
  UniqueFd reader(ends[0]), writer(ends[1]);
  SpawnActions actions;
  ::posix_spawn_file_actions_addopen(actions.get(), 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(actions.get(), writer.get(), 1);
  ::posix_spawn_file_actions_adddup2(actions.get(), writer.get(), 2);
  pid_t pid = -1;
  if (const int failed = ::posix_spawnp(&pid, "ps", actions.get(), nullptr, argv.data(), environ))
    throw os_error("run ps", failed);
  writer.reset();
  const std::string output = read_all(reader.get());
  reader.reset();
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw internal("ps: " + output.substr(0, output.find('\n')));
  return output;
}

} // namespace gantry::containers
