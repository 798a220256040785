// Copying needs a library for tar archives, and loading that takes longer than everything else that the client does: a helper
// program has it.
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/failure.hpp"

namespace gantry::cli {

int copy_files(Invocation& in) {
  bool archive = false, follow = false, quiet = false;
  FlagSet flags(in);
  flags.boolean("archive", 'a', archive, "Copy owners too");
  flags.boolean("follow-link", 'L', follow, "Copy what a link in SRC_PATH leads to, not the link");
  flags.boolean("quiet", 'q', quiet, "Do not say how much was copied");
  const auto words = flags.parse();
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::string helper = (self.parent_path().parent_path() / "libexec/gantry/gantry-cp").string();
  std::string modes = archive ? "a" : "-";
  modes += follow ? "L" : "-";
  modes += quiet || ::isatty(STDOUT_FILENO) == 0 ? "q" : "-";
  const Host& host = in.client.host();
  std::vector<std::string> args{"gantry-cp", host.text, modes, words[0], words[1]};
  if (host.tls)
    for (const auto& word :
         {std::string(host.tls->verify ? "verify" : "trust"), host.tls->authorities, host.tls->certificate, host.tls->key})
      args.push_back(word);
  std::vector<char*> argv;
  for (std::string& arg : args) argv.push_back(arg.data());
  argv.push_back(nullptr);
  ::execv(helper.c_str(), argv.data());
  throw Failure("run " + helper + ": " + std::strerror(errno));
}

} // namespace gantry::cli
