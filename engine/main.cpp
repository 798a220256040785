#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "config/load.hpp"
#include "daemon/daemon.hpp"
#include "system/version.hpp"

int main(int argc, char** argv) {
  using namespace gantry;
  try {
    const auto line = config::parse_command_line(std::vector<std::string>(argv + 1, argv + argc));
    if (line.action == config::Action::show_help) return std::fputs(line.help.c_str(), stdout) < 0;
    if (line.action == config::Action::show_version) {
      return std::printf("Gantry version %s\n", std::string(system::gantry_version()).c_str()) < 0;
    }
    auto config = config::load(line);
    if (line.action == config::Action::validate) return std::puts("configuration OK") < 0;
    return daemon::run(line, std::move(config));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "gantryd: %s\n", e.what());
    return 1;
  }
}
