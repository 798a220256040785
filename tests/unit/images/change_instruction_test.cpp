#include "images/change_instruction.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace gantry::images {
namespace {

struct Row {
  const char* name;
  std::vector<std::string> changes;
  const char* config;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class ChangeInstruction : public ::testing::TestWithParam<Row> {};

TEST_P(ChangeInstruction, changes_the_config) {
  auto config = Json::object();
  apply_changes(config, GetParam().changes);
  EXPECT_EQ(config, Json::parse(GetParam().config)) << config.dump();
}

INSTANTIATE_TEST_SUITE_P(
    Instructions, ChangeInstruction,
    ::testing::Values(
        Row{"cmd_exec", {"CMD [\"a\", \"b\"]"}, R"({"Cmd":["a","b"]})"},
        Row{"cmd_shell", {"cmd echo $HOME"}, R"({"Cmd":["/bin/sh","-c","echo $HOME"]})"},
        Row{"entrypoint", {"ENTRYPOINT a b"}, R"({"Entrypoint":["/bin/sh","-c","a b"]})"},
        Row{"env", {"ENV A=b C=\"d e\" F=g\\ h"}, R"({"Env":["A=b","C=d e","F=g h"]})"},
        Row{"env_old_form", {"ENV A b c"}, R"({"Env":["A=b c"]})"},
        Row{"env_expands",
            {"ENV A=b", "ENV C=${A}x D='$A' E=$A-y F=${Q:-z} G=${A:+set}"},
            R"({"Env":["A=b","C=bx","D=$A","E=b-y","F=z","G=set"]})"},
        Row{"env_replaces", {"ENV A=1 B=2", "ENV A=3"}, R"({"Env":["B=2","A=3"]})"},
        Row{"expose", {"EXPOSE 80 53/udp 90-91"}, R"({"ExposedPorts":{"80/tcp":{},"53/udp":{},"90/tcp":{},"91/tcp":{}}})"},
        Row{"label", {"LABEL a=b \"x y\"=z"}, R"({"Labels":{"a":"b","x y":"z"}})"},
        Row{"user", {"USER u:g"}, R"({"User":"u:g"})"},
        Row{"volume", {"VOLUME /a /b", "VOLUME [\"/c d\"]"}, R"({"Volumes":{"/a":{},"/b":{},"/c d":{}}})"},
        Row{"workdir", {"WORKDIR x", "WORKDIR ../y/."}, R"({"WorkingDir":"/y"})"},
        Row{"stopsignal", {"STOPSIGNAL SIGINT"}, R"({"StopSignal":"SIGINT"})"},
        Row{"healthcheck",
            {"HEALTHCHECK --interval=3s --retries=3 CMD x y"},
            R"({"Healthcheck":{"Interval":3000000000,"Retries":3,"Test":["CMD-SHELL","x y"]}})"},
        Row{"healthcheck_exec", {"HEALTHCHECK CMD [\"x\"]"}, R"({"Healthcheck":{"Test":["CMD","x"]}})"},
        Row{"healthcheck_none", {"HEALTHCHECK NONE"}, R"({"Healthcheck":{"Test":["NONE"]}})"},
        Row{"onbuild", {"ONBUILD RUN x"}, R"({"OnBuild":["RUN x"]})"},
        Row{"lines_and_comments", {"# c\nUSER a\n\nWORKDIR /b"}, R"({"User":"a","WorkingDir":"/b"})"}),
    [](const auto& row) { return row.param.name; });

struct BadRow {
  const char* name;
  std::string change, message;
};

void PrintTo(const BadRow& row, std::ostream* out) { *out << row.name; }

class ChangeRefusal : public ::testing::TestWithParam<BadRow> {};

TEST_P(ChangeRefusal, tells_what_is_wrong) {
  auto config = Json::object();
  try {
    apply_changes(config, {GetParam().change});
    FAIL() << config.dump();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::invalid);
    EXPECT_EQ(e.what(), GetParam().message);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Instructions, ChangeRefusal,
    ::testing::Values(BadRow{"from", "FROM x", "FROM is not a valid change command"},
                      BadRow{"env", "ENV a", "ENV must have two arguments"},
                      BadRow{"label", "LABEL a", "LABEL must have two arguments"},
                      BadRow{"expose", "EXPOSE abc", "Invalid containerPort: abc"},
                      BadRow{"expose_zero", "EXPOSE 0", "Invalid containerPort: 0"},
                      BadRow{"expose_protocol", "EXPOSE 1/icmp", "Invalid proto: icmp"},
                      BadRow{"workdir", "WORKDIR", "WORKDIR requires exactly one argument"},
                      BadRow{"user", "USER", "USER requires exactly one argument"},
                      BadRow{"volume", "VOLUME", "VOLUME requires at least one argument"},
                      BadRow{"healthcheck", "HEALTHCHECK FOO", "Unknown type \"FOO\" in HEALTHCHECK (try CMD)"},
                      BadRow{"onbuild", "ONBUILD FROM x", "FROM isn't allowed as an ONBUILD trigger"},
                      BadRow{"quote", "USER \"x", "unexpected end of statement while looking for matching quote"}),
    [](const auto& row) { return row.param.name; });

} // namespace
} // namespace gantry::images
