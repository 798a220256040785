// What a plugin shows to the process that loads it: its entry and nothing else.
#include <gtest/gtest.h>

#include <filesystem>

#include "support/command.hpp"

namespace {

namespace fs = std::filesystem;

TEST(PluginExports, are_the_entry_alone) {
  int seen = 0;
  for (const fs::path directory : {GANTRY_BUILD "/lib/gantry/plugins", GANTRY_BUILD "/examples"}) {
    if (!fs::exists(directory)) continue;
    for (const auto& file : fs::directory_iterator(directory)) {
      if (file.path().extension() != ".so") continue;
      ++seen;
      const auto output = gantry::test::run({"nm", "-D", "--defined-only", "--format=just-symbols", file.path().string()});
      EXPECT_EQ(output.out, "gantry_plugin_entry_v1\n") << file.path();
    }
  }
  EXPECT_GT(seen, 0);
}

} // namespace
