#include <gtest/gtest.h>

#include "api/http.hpp"
#include "api/json_members.hpp"

namespace gantry::api {
namespace {

Request with_body(std::string body, std::string type = "application/json") {
  Request request;
  request.body = std::move(body);
  if (!type.empty()) request.headers.emplace_back("content-type", std::move(type));
  return request;
}

std::string request_refusal(const Request& request) {
  try {
    request.json();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(RequestBody, is_json_whatever_the_type_is_decorated_with) {
  EXPECT_EQ(with_body(R"({"a":1})", "Application/JSON; charset=utf-8").json()["a"], 1);
}

TEST(RequestBody, empty_is_null_and_needs_no_type) {
  EXPECT_TRUE(with_body("", "").json().is_null());
  EXPECT_TRUE(with_body("").json().is_null());
}

TEST(RequestBody, needs_its_type) {
  EXPECT_EQ(request_refusal(with_body("{}", "text/plain")),
            "unsupported Content-Type header (text/plain): must be 'application/json'");
  EXPECT_EQ(request_refusal(with_body("{}", "")), "unsupported Content-Type header (): must be 'application/json'");
}

TEST(RequestBody, malformed_json_is_told_from_a_second_document) {
  EXPECT_EQ(request_refusal(with_body("{} {}")), "unexpected content after JSON");
  EXPECT_EQ(request_refusal(with_body(R"({"a":)")).rfind("invalid JSON: ", 0), 0U);
  EXPECT_EQ(request_refusal(with_body("  ")), "invalid JSON: got EOF while reading request body");
}

TEST(RequestBody, deep_nesting_is_refused) {
  EXPECT_NE(request_refusal(with_body(std::string(1'000'000, '['))).find("nested deeper than 100"), std::string::npos);
}

TEST(RequestHeader, is_found_in_any_case) { EXPECT_EQ(with_body("").header("Content-Type"), "application/json"); }

TEST(Dump, leaves_markup_alone_and_replaces_invalid_utf8) {
  EXPECT_EQ(dump(Json("<missing>&")), "\"<missing>&\"");
  EXPECT_EQ(dump(Json("a\xff")), "\"a\xef\xbf\xbd\"");
}

TEST(JsonMembers, wrong_types_are_named) {
  const Json body = {{"Tty", "yes"}, {"Cmd", {1}}, {"User", 3}, {"ConsoleSize", {1}}};
  EXPECT_THROW(bool_member(body, "Tty"), Error);
  EXPECT_THROW(strings_member(body, "Cmd"), Error);
  EXPECT_THROW(console_size_member(body), Error);
  try {
    string_member(body, "User");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "User: expected a string, got number");
  }
}

TEST(JsonMembers, are_found_in_any_case) {
  const Json body = {{"detachKeys", "ctrl-a"}, {"tty", true}, {"Cmd", {"a"}}, {"cmd", {"b"}}};
  EXPECT_EQ(string_member(body, "DetachKeys"), "ctrl-a");
  EXPECT_TRUE(bool_member(body, "Tty"));
  EXPECT_EQ(strings_member(body, "Cmd"), std::vector<std::string>{"a"});
}

TEST(JsonMembers, null_is_absent) {
  const Json body = {{"Tty", nullptr}, {"Cmd", nullptr}};
  EXPECT_FALSE(bool_member(body, "Tty"));
  EXPECT_TRUE(strings_member(body, "Cmd").empty());
  EXPECT_EQ(string_member(nullptr, "User"), "");
}

} // namespace
} // namespace gantry::api
