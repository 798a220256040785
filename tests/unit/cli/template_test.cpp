#include "cli/format/template.hpp"

#include <gtest/gtest.h>

#include "invocation.hpp"

namespace gantry::cli::test {
namespace {

const Json sample = Json::parse(
    R"({"Name":"/c2","Id":"abcdef","State":{"Status":"running","Pid":7},"Labels":{"b":"2","a":"1"},"Args":["x","y"],"None":null,"Zero":0,"Html":"<a>&"})");

std::string run(const std::string& text) { return Template(text).run({sample}); }

TEST(Template, prints_as_go_does) {
  const struct {
    const char *text, *out;
  } rows[] = {
      {"plain", "plain"},
      {"{{.Name}}", "/c2"},
      {"{{.State.Status}}:{{.State.Pid}}", "running:7"},
      {"{{.Args}} {{.Labels}}", "[x y] map[a:1 b:2]"},
      {"{{.None}}", "<no value>"},
      {"{{json .State}}", "{\"Status\":\"running\",\"Pid\":7}"},
      {"{{json .Html}}", "\"\\u003ca\\u003e\\u0026\""},
      {"{{.Name | upper}} {{lower \"AB\"}} {{title \"a bc\"}}", "/C2 ab A Bc"},
      {"{{range .Args}}[{{.}}]{{end}}", "[x][y]"},
      {"{{range $i, $a := .Args}}{{$i}}={{$a}} {{end}}", "0=x 1=y "},
      {"{{range $k, $v := .Labels}}{{$k}}={{$v}};{{end}}", "a=1;b=2;"},
      {"{{range .None}}x{{else}}empty{{end}}", "empty"},
      {"{{if .Zero}}yes{{else if eq .State.Pid 7}}seven{{else}}no{{end}}", "seven"},
      {"{{if and .Name (not .Zero)}}both{{end}}", "both"},
      {"{{with .State}}{{.Status}}{{$.Name}}{{end}}", "running/c2"},
      {"{{index .Labels \"a\"}} {{index .Args 1}}", "1 y"},
      {"{{len .Args}} {{len .Name}}", "2 3"},
      {"{{join .Args \"-\"}} {{split \"a,b\" \",\"}}", "x-y [a b]"},
      {"{{printf \"%q|%-4s|%03d\" .Name \"x\" 7}}", "\"/c2\"|x   |007"},
      {"{{.Name | printf \"%s %s\" \"a\"}}", "a /c2"},
      {"{{printf \"%s\"}}", "%!s(MISSING)"},
      {"{{println .Zero}}", "0\n"},
      {"a {{- .Zero -}} b", "a0b"},
      {"{{$x := .Name}}{{$x}}", "/c2"},
      {"{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}", "2"},
      {"{{/* nothing */}}x", "x"},
      {"{{slice .Id 0 3}} {{truncate .Id 2}} {{pad \"a\" 1 2}}|", "abc ab  a  |"},
      {"{{eq 1 1}} {{ne 1 2}} {{lt 1 2}} {{ge 2 2}} {{gt 1 2}} {{le 1 1}}", "true true true true false true"},
      {"{{(index .Args 0) | upper}}", "X"},
      {"{{`raw\\n`}}", "raw\\n"},
  };
  for (const auto& row : rows) EXPECT_EQ(run(row.text), row.out) << row.text;
}

TEST(Template, errors_read_as_gos) {
  const struct {
    const char *text, *says;
  } rows[] = {
      {"{{.Name", "template: :1: unclosed action"},
      {"{{nosuch .Name}}", "template: :1: function \"nosuch\" not defined"},
      {"{{if .Name}}x", "template: :1: unexpected EOF"},
      {"{{end}}", "template: :1: unexpected {{end}}"},
      {"{{\"x}}", "template: :1: unterminated quoted string"},
      {"\n{{.Name}} {{.Foo}}", "template: :2:12: executing \"\" at <.Foo>: map has no entry for key \"Foo\""},
      {"{{.Name.Foo}}", "template: :1:2: executing \"\" at <.Name.Foo>: can't evaluate field Foo in type interface {}"},
      {"{{index .Args 9}}", "template: :1:2: executing \"\" at <index>: error calling index: reflect: slice index out of range"},
      {"{{len}}", "template: :1:2: executing \"\" at <len>: wrong number of args for len: want 1 got 0"},
  };
  for (const auto& row : rows) EXPECT_EQ(message_of([&row] { run(row.text); }), row.says) << row.text;
}

TEST(Template, deep_nesting_is_refused) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "(";
  EXPECT_NE(message_of([&text] { run("{{" + text + "}}"); }).find("nested too deeply"), std::string::npos);
}

TEST(Template, fields_may_be_methods) {
  const Template::Data data{Json::object(), "*row",
                            [](const std::string& name, const std::vector<Json>& arguments) -> std::optional<Json> {
                              if (name != "Label") return std::nullopt;
                              return "of " + arguments.at(0).get<std::string>();
                            }};
  EXPECT_EQ(Template("{{.Label \"a\"}}").run(data), "of a");
  EXPECT_EQ(message_of([&data] { Template("{{.Foo}}").run(data); }),
            "template: :1:2: executing \"\" at <.Foo>: can't evaluate field Foo in type *row");
}

} // namespace
} // namespace gantry::cli::test
