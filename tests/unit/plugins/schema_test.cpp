#include "plugins/schema.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace gantry::plugins {
namespace {

const Json schema = Json::parse(R"({
  "type": "object",
  "properties": {
    "mode": { "type": "string", "enum": ["fast", "safe"], "default": "safe" },
    "size": { "type": "integer" },
    "paths": { "type": "array", "items": { "type": "string" } },
    "limits": { "type": "object", "properties": { "files": { "type": "integer", "default": 7 } } }
  },
  "required": ["size"],
  "additionalProperties": false
})");

std::string schema_refusal(const Json& value) {
  try {
    apply_schema(schema, value, "config");
    return "";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::invalid);
    return e.what();
  }
}

TEST(Schema, fills_in_defaults) {
  EXPECT_EQ(apply_schema(schema, {{"size", 1}, {"limits", Json::object()}}, "config"),
            Json::parse(R"({"size": 1, "limits": {"files": 7}, "mode": "safe"})"));
}

TEST(Schema, keeps_what_is_given) { EXPECT_EQ(apply_schema(schema, {{"size", 1}, {"mode", "fast"}}, "config")["mode"], "fast"); }

TEST(Schema, names_the_key_its_value_and_what_is_allowed) {
  EXPECT_EQ(schema_refusal({{"mode", "safe"}}), "config: 'size' is required");
  EXPECT_EQ(schema_refusal({{"size", 1.5}}), "config.size: 1.5 is not of type integer");
  EXPECT_EQ(schema_refusal({{"size", 1}, {"mode", "slow"}}), "config.mode: \"slow\" is not one of \"fast\", \"safe\"");
  EXPECT_EQ(schema_refusal({{"size", 1}, {"paths", {"a", 2}}}), "config.paths[1]: 2 is not of type string");
  EXPECT_EQ(schema_refusal({{"size", 1}, {"sise", 2}}), "config: unknown key 'sise'");
  EXPECT_EQ(schema_refusal("text"), "config: \"text\" is not of type object");
}

struct BadSchema {
  const char* name;
  const char* text;
  const char* sentence;
};

class SchemaCheck : public testing::TestWithParam<BadSchema> {};

TEST_P(SchemaCheck, refuses) {
  try {
    check_schema(Json::parse(GetParam().text), "s");
    FAIL() << "it was accepted";
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), GetParam().sentence);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rows, SchemaCheck,
    testing::Values(BadSchema{"no_object", "1", "s: a schema must be an object, not number"},
                    BadSchema{"type", R"({"type": "text"})", "s: 'type' must be the name of a JSON type"},
                    BadSchema{"required", R"({"required": [1]})", "s: 'required' must be a list of names"},
                    BadSchema{"nested", R"({"properties": {"a": {"enum": []}}})", "s.a: 'enum' must be a list of values"},
                    BadSchema{"unknown", R"({"items": {"minimum": 1}})", "s[]: the schema keyword 'minimum' is not supported"}),
    [](const auto& row) { return std::string(row.param.name); });

} // namespace
} // namespace gantry::plugins
