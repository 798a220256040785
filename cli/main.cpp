#include <cstdio>
#include <string>
#include <vector>

#include "cli/dispatch.hpp"
#include "cli/failure.hpp"

int main(int argc, char** argv) {
  try {
    return gantry::cli::dispatch({argv + 1, argv + argc});
  } catch (const gantry::cli::Failure& failure) {
    std::fflush(stdout);
    if (*failure.what() != '\0') std::fprintf(stderr, "%s\n", failure.what());
    return failure.code();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "gantry: %s\n", e.what());
    return 1;
  }
}
