#include <fcntl.h>
#include <unistd.h>

#include <cstring>

#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/failure.hpp"

namespace gantry::cli {
namespace {

void write_all(int fd, std::string_view bytes, const std::string& where) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw Failure("write " + where + ": " + std::strerror(errno));
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void copy(Response& response, int fd, const std::string& where) {
  for (std::string piece = response.next(); !piece.empty(); piece = response.next()) write_all(fd, piece, where);
}

/// Under another name until it is complete: what a failed export leaves must not look like an archive.
void export_to_file(Response& response, const std::string& path) {
  std::string fresh = path + ".XXXXXX";
  const UniqueFd file(::mkostemp(fresh.data(), O_CLOEXEC));
  if (!file) throw Failure("failed to export container: create " + path + ": " + std::strerror(errno));
  try {
    copy(response, file.get(), path);
    if (::rename(fresh.c_str(), path.c_str()) != 0)
      throw Failure("failed to export container: " + path + ": " + std::strerror(errno));
  } catch (...) {
    ::unlink(fresh.c_str());
    throw;
  }
}

} // namespace

int export_container(Invocation& in) {
  std::string output;
  FlagSet flags(in);
  flags.text("output", 'o', output, "Write to this file instead of standard output");
  const auto words = flags.parse();
  if (output.empty() && ::isatty(STDOUT_FILENO) != 0)
    throw Failure("cowardly refusing to save to a terminal. Use the -o flag or redirect");
  Response response = in.client.call({"GET", "/containers/" + url_encode(words[0]) + "/export"}, true);
  if (output.empty())
    copy(response, STDOUT_FILENO, "standard output");
  else
    export_to_file(response, output);
  return 0;
}

} // namespace gantry::cli
