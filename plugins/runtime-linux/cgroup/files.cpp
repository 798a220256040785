#include "cgroup/files.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <gantry/sdk/error.hpp>
#include <gantry/sdk/fd.hpp>

namespace gantry::runtime_linux {

std::string read_text(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  char part[4096];
  for (ssize_t n; fd && (n = ::read(fd.get(), part, sizeof part)) > 0;) text.append(part, static_cast<std::size_t>(n));
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

std::uint64_t read_number(const std::string& path, std::uint64_t otherwise) {
  const std::string text = read_text(path);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end != text.data() ? value : otherwise;
}

int try_write(const std::string& path, const std::string& value) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd) return errno;
  const std::string& text = value.empty() ? "\n" : value; // nothing at all would not reach the kernel
  return ::write(fd.get(), text.data(), text.size()) < 0 ? errno : 0;
}

void write_text(const std::string& path, const std::string& value) {
  if (const int err = try_write(path, value))
    throw Error(Code::internal, "write \"" + value + "\" to " + path + ": " + std::strerror(err), err);
}

} // namespace gantry::runtime_linux
