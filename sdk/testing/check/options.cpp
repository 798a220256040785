#include "check/options.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace gantry::check {

namespace {

constexpr const char* usage =
    "usage: gantry-plugin-check [--libexec DIR] [--timeout SECONDS] [--case SUITE.CASE] [--on DIR]\n"
    "                            [--log-opt KEY=VALUE]... [--log-target tcp://127.0.0.1:PORT] PLUGIN.so\n"
    "Runs the conformance suite of every kind of driver that the plugin has, each case in a process of its own. Its files\n"
    "are on a tmpfs, or in a directory on the file system of DIR.\n";

[[noreturn]] void refuse(const std::string& why) {
  std::fprintf(stderr, "gantry-plugin-check: %s\n%s", why.c_str(), usage);
  std::exit(2);
}

std::string next(int argc, char** argv, int& at) {
  if (at + 1 >= argc) refuse(std::string(argv[at]) + " needs a value");
  return argv[++at];
}

} // namespace

Options parse(int argc, char** argv) {
  Options options;
  options.libexec_dir = (std::filesystem::canonical("/proc/self/exe").parent_path().parent_path() / "libexec/gantry").string();
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--libexec") {
      options.libexec_dir = next(argc, argv, i);
    } else if (word == "--on") {
      options.place = std::filesystem::absolute(next(argc, argv, i)).lexically_normal().string();
    } else if (word == "--case") {
      options.only = next(argc, argv, i);
    } else if (word == "--log-opt") {
      const std::string pair = next(argc, argv, i);
      const std::size_t equals = pair.find('=');
      if (equals == std::string::npos) refuse("--log-opt must be KEY=VALUE, not '" + pair + "'");
      options.log_options.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
    } else if (word == "--log-target") {
      options.log_target = next(argc, argv, i);
    } else if (word == "--timeout") {
      options.seconds = std::atoi(next(argc, argv, i).c_str());
      if (options.seconds <= 0) refuse("--timeout must be a positive number of seconds");
    } else if (word == "--help") {
      std::fputs(usage, stdout);
      std::exit(0);
    } else if (word[0] == '-' || !options.plugin.empty()) {
      refuse("unexpected argument '" + word + "'");
    } else {
      options.plugin = std::filesystem::absolute(word).lexically_normal().string();
    }
  }
  if (options.plugin.empty()) refuse("which plugin?");
  return options;
}

} // namespace gantry::check
