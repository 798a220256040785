#include "cli/commands/help.hpp"

#include <gtest/gtest.h>

#include <set>

#include "cli/commands/command.hpp"

namespace gantry::cli {
namespace {

TEST(Help, an_unknown_command_suggests_the_nearest) {
  EXPECT_EQ(unknown_command("", "strat"),
            "gantry: 'strat' is not a gantry command.\n\nThe nearest commands are\n  gantry start\n  gantry stats\n\nRun 'gantry "
            "--help' for more information");
  EXPECT_EQ(unknown_command("", "foo"), "gantry: 'foo' is not a gantry command.\n\nRun 'gantry --help' for more information");
  EXPECT_NE(unknown_command("image", "lss").find("  gantry image ls\n"), std::string::npos);
}

TEST(Help, every_command_is_listed_once) {
  std::set<std::string> names;
  for (const Command& command : commands()) {
    EXPECT_TRUE(names.insert(std::string(command.object) + " " + std::string(command.verb)).second) << command.verb;
    EXPECT_FALSE(command.summary.empty());
    const std::string below = "\n  " + std::string(command.verb) + " ", top = "\n  " + std::string(command.top) + " ";
    EXPECT_TRUE(command.object.empty() || object_help(command.object).find(below) != std::string::npos) << command.verb;
    EXPECT_TRUE(command.top.empty() || program_help().find(top) != std::string::npos) << command.top;
  }
}

} // namespace
} // namespace gantry::cli
