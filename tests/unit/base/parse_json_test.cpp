#include "base/parse_json.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace gantry {
namespace {

/// {"k0":0,…}, then `more`.
std::string large(int members, const std::string& more) {
  std::string text = "{";
  for (int i = 0; i < members; ++i) text += "\"k" + std::to_string(i) + "\":" + std::to_string(i) + ",";
  return text + more + "}";
}

TEST(ParseJson, reads_what_the_library_reads) {
  const std::string many = large(100, R"("last":{"a":[1,{"b":null}]})");
  for (const std::string& text :
       {std::string(R"({"a":1,"b":[-2,3.5,true,false,null,"t\u00e9xt",[],{}],"c":{"d":{"e":"f"}},"a":"again"})"),
        std::string("[]"), std::string(" 7 "), std::string("\"s\""), std::string("18446744073709551615"), many})
    EXPECT_EQ(parse_json(text).dump(), Json::parse(text).dump()) << text;
}

TEST(ParseJson, of_members_with_one_name_the_last_counts_also_in_a_large_object) {
  const Json json = parse_json(large(100, R"("k3":"three","k99":[1],"k99":{"x":2},"new":1,"new":2)"));
  EXPECT_EQ(json.size(), 101U);
  EXPECT_EQ(json.at("k3"), "three");
  EXPECT_EQ(json.at("k99").dump(), R"({"x":2})");
  EXPECT_EQ(json.at("new"), 2);
  EXPECT_EQ(json.begin().key(), "k0") << "in the order of the document";
}

TEST(ParseJson, tells_where_a_document_is_wrong) {
  for (const char* text : {"", "{", "{\"a\":}", "[1,]", "{} {}", "nul", "{\"a\" 1}", "[1"}) {
    try {
      parse_json(text);
      ADD_FAILURE() << text;
    } catch (const Json::parse_error& error) {
      EXPECT_GT(error.byte, 0U) << text;
    }
  }
}

TEST(ParseJson, refuses_what_is_nested_too_deeply) {
  EXPECT_NO_THROW(parse_json(std::string(100, '[') + std::string(100, ']')));
  EXPECT_THROW(parse_json(std::string(1000, '[')), Error);
}

} // namespace
} // namespace gantry
