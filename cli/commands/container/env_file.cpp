#include "cli/commands/container/env_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "cli/commands/container/flag_values.hpp"
#include "cli/failure.hpp"
#include "gantry/sdk/fd.hpp"

namespace gantry::cli {

std::string read_file(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) throw Failure("open " + path + ": " + (errno == ENOENT ? "no such file or directory" : std::strerror(errno)), 125);
  std::string out;
  char chunk[16384];
  ssize_t n;
  while ((n = ::read(fd.get(), chunk, sizeof chunk)) > 0) out.append(chunk, static_cast<std::size_t>(n));
  if (n < 0) throw Failure("read " + path + ": " + (errno == EISDIR ? "is a directory" : std::strerror(errno)), 125);
  return out;
}

std::string with_client_value(const std::string& variable) {
  if (variable.find('=') != std::string::npos) return variable;
  const char* value = std::getenv(variable.c_str());
  return value == nullptr ? variable : variable + "=" + value;
}

std::vector<std::string> read_pairs_file(const std::string& path, bool environment) {
  std::string text = read_file(path);
  if (text.starts_with("\xef\xbb\xbf")) text.erase(0, 3);
  std::vector<std::string> out;
  for (std::string& line : split(text, '\n')) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    line.erase(0, std::min(line.find_first_not_of(" \t"), line.size()));
    if (line.empty() || line[0] == '#') continue;
    const std::string name = cut(line, '=').first;
    if (name.empty()) throw Failure("invalid env file (" + path + "): no variable name on line '" + line + "'", 125);
    if (name.find_first_of(" \t") != std::string::npos)
      throw Failure("invalid env file (" + path + "): variable '" + name + "' contains whitespaces", 125);
    if (!environment || line.find('=') != std::string::npos) {
      out.push_back(line);
    } else if (std::getenv(name.c_str()) != nullptr) {
      out.push_back(with_client_value(name));
    }
  }
  return out;
}

} // namespace gantry::cli
