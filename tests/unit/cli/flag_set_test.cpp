#include "cli/args/flag_set.hpp"

#include <gtest/gtest.h>

#include "invocation.hpp"

namespace gantry::cli::test {
namespace {

struct Parsed {
  bool a = false, b = false, yes = true;
  std::string name;
  std::vector<std::string> list, words;
  std::int64_t number = 0;

  explicit Parsed(std::vector<std::string> args, FlagSet::Stop stop = FlagSet::Stop::never, int min = 0, int max = -1) {
    Given given(std::move(args));
    given.command.min_words = min;
    given.command.max_words = max;
    given.flags.boolean("all", 'a', a, "");
    given.flags.boolean("both", 'b', b, "");
    given.flags.boolean("yes", 0, yes, "");
    given.flags.text("name", 'n', name, "");
    given.flags.list("list", 'l', list, "");
    given.flags.integer("number", 'm', number, "");
    words = given.flags.parse(stop);
  }
};

using Strings = std::vector<std::string>;

TEST(FlagSet, takes_every_way_of_writing_a_flag) {
  const Parsed p({"-ab", "--name=x", "-l", "1", "-l2", "-l=3", "--list", "-4", "w", "--yes=false", "-m-5"});
  EXPECT_TRUE(p.a && p.b && !p.yes);
  EXPECT_EQ(p.name, "x");
  EXPECT_EQ(p.list, (Strings{"1", "2", "3", "-4"}));
  EXPECT_EQ(p.number, -5);
  EXPECT_EQ(p.words, Strings{"w"});
}

TEST(FlagSet, a_value_may_follow_combined_letters) { EXPECT_EQ(Parsed({"-abn", "x"}).name, "x"); }

TEST(FlagSet, flags_behind_the_first_word_belong_to_the_other_command) {
  const Parsed p({"-a", "image", "-b", "--", "--name"}, FlagSet::Stop::at_first_word);
  EXPECT_TRUE(p.a && !p.b);
  EXPECT_EQ(p.words, (Strings{"image", "-b", "--", "--name"}));
}

TEST(FlagSet, two_dashes_end_the_flags) { EXPECT_EQ(Parsed({"--", "-a"}).words, Strings{"-a"}); }

TEST(FlagSet, a_lone_dash_is_a_word) { EXPECT_EQ(Parsed({"-"}).words, Strings{"-"}); }

TEST(FlagSet, the_last_of_several_values_counts) { EXPECT_EQ(Parsed({"--name", "x", "--name", "y"}).name, "y"); }

TEST(FlagSet, wrong_flags_get_dockers_sentence_and_code_125) {
  const struct {
    const char* name;
    Strings args;
    const char* says;
  } rows[] = {
      {"unknown long", {"--nosuch=1"}, "unknown flag: --nosuch\n"},
      {"unknown letter", {"-aZx"}, "unknown shorthand flag: 'Z' in -Zx\n"},
      {"no value", {"--name"}, "flag needs an argument: --name\n"},
      {"no value behind letters", {"-an"}, "flag needs an argument: 'n' in -n\n"},
      {"bad boolean",
       {"--yes=zz"},
       "invalid argument \"zz\" for \"--yes\" flag: strconv.ParseBool: parsing \"zz\": invalid syntax\n"},
      {"bad number",
       {"-m", "1x"},
       "invalid argument \"1x\" for \"-m, --number\" flag: strconv.ParseInt: parsing \"1x\": invalid syntax\n"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    try {
      Parsed{row.args};
      ADD_FAILURE() << "accepted";
    } catch (const Failure& e) {
      EXPECT_EQ(e.code(), 125);
      EXPECT_EQ(
          std::string(e.what()),
          std::string(row.says) + "\nUsage:  gantry demo [OPTIONS] WORD...\n\nRun 'gantry demo --help' for more information");
    }
  }
}

TEST(FlagSet, a_wrong_number_of_words_is_said) {
  const struct {
    int min, max;
    Strings args;
    const char* says;
  } rows[] = {{0, 0, {"x"}, "accepts no arguments"},
              {1, -1, {}, "requires at least 1 argument\n"},
              {2, 2, {"x"}, "requires 2 arguments"},
              {0, 1, {"x", "y"}, "requires at most 1 argument"},
              {1, 2, {}, "requires at least 1 and at most 2 arguments\n"},
              {1, 2, {"x", "y", "z"}, "requires at least 1 and at most 2 arguments\n"}};
  for (const auto& row : rows) {
    const std::string message = message_of([&row] { Parsed(row.args, FlagSet::Stop::never, row.min, row.max); });
    EXPECT_EQ(message.find(std::string("gantry: 'gantry demo' ") + row.says), 0U) << message;
  }
}

TEST(FlagSet, help_lists_the_flags_by_name_and_hides_the_hidden) {
  Given given({});
  std::string text;
  bool flag = false;
  given.flags.text("zone", 'z', text, "A zone").standard = "\"x\"";
  given.flags.boolean("all", 0, flag, "Everything");
  given.flags.text("old", 0, text, "").hidden = true;
  EXPECT_EQ(given.flags.help(),
            "Usage:  gantry demo [OPTIONS] WORD...\n\nDemonstrate\n\nOptions:\n      --all           Everything\n  -z, --zone "
            "string   A zone (default \"x\")\n");
}

} // namespace
} // namespace gantry::cli::test
