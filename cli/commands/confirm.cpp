#include "cli/commands/confirm.hpp"

#include <cstdio>

#include <iostream>

namespace gantry::cli {

bool confirm(const std::string& question) {
  std::printf("%s [y/N] ", question.c_str());
  std::fflush(stdout);
  std::string answer;
  const bool answered = static_cast<bool>(std::getline(std::cin, answer));
  if (!answered) std::printf("\n");
  return answer == "y" || answer == "Y";
}

} // namespace gantry::cli
