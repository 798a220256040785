#include "plugins/manifest.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace gantry::plugins {
namespace {

Json valid() {
  return {{"id", "com.example.x"},
          {"version", "1.2.3"},
          {"abi", {{"built", "0.2"}, {"requires", "0.2"}}},
          {"drivers", Json::array({{{"name", "x"}, {"interface", "gantry.storage/1"}}})}};
}

std::string manifest_refusal(const std::string& text) {
  try {
    parse_manifest(text);
    return "";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::invalid);
    return e.what();
  }
}

std::string refusal_with(const char* member, const Json& value) {
  Json manifest = valid();
  manifest[member] = value;
  return manifest_refusal(manifest.dump());
}

TEST(Manifest, is_read_with_every_member) {
  Json json = valid();
  json["vendor"] = "Example";
  json["capabilities"] = {"quota"};
  const Manifest manifest = parse_manifest(json.dump());
  EXPECT_EQ(manifest.id, "com.example.x");
  EXPECT_EQ(manifest.version, "1.2.3");
  EXPECT_EQ(manifest.vendor, "Example");
  EXPECT_EQ(manifest.requires_abi, (AbiVersion{0, 2}));
  EXPECT_EQ(manifest.kinds(), std::vector<std::string>{"storage"});
  EXPECT_EQ(manifest.capabilities, std::vector<std::string>{"quota"});
}

TEST(Manifest, leaves_unknown_members_to_later_engines) { EXPECT_EQ(refusal_with("later", 1), ""); }

TEST(Manifest, knows_no_kind_for_an_interface_of_later_engines) {
  EXPECT_EQ((ManifestDriver{"x", "gantry.storage/2"}).kind(), "");
}

TEST(Manifest, that_is_no_object_is_refused) {
  EXPECT_EQ(manifest_refusal(""), "it is not JSON");
  EXPECT_EQ(manifest_refusal("[]"), "it must be a JSON object, not array");
  EXPECT_EQ(manifest_refusal(std::string(100'000, '[')), "it is not JSON");
}

TEST(Manifest, with_a_wrong_member_is_refused_by_its_name) {
  EXPECT_EQ(refusal_with("version", 1), "'version' must be a string, not number");
  EXPECT_EQ(refusal_with("vendor", false), "'vendor' must be a string, not boolean");
  EXPECT_EQ(refusal_with("abi", "0.2"), "'abi' must be an object {\"built\", \"requires\"}");
  EXPECT_EQ(refusal_with("abi", {{"requires", "1"}}), "'abi.requires' must be MAJOR.MINOR, not '1'");
  EXPECT_EQ(refusal_with("abi", {{"requires", "99999999999.1"}}), "'abi.requires' must be MAJOR.MINOR, not '99999999999.1'");
  EXPECT_EQ(refusal_with("drivers", Json::array()), "'drivers' must be a list of at least one driver");
  EXPECT_EQ(refusal_with("drivers", {1}), "'drivers' holds a number, only objects are allowed");
  EXPECT_EQ(refusal_with("drivers", Json::array({{{"name", "x"}}})), "driver 'x' has no 'interface'");
  EXPECT_EQ(refusal_with("isolation", "in-process"), "'isolation' must be a list of strings");
  EXPECT_EQ(refusal_with("config_schema", {{"pattern", "x"}}), "config_schema: the schema keyword 'pattern' is not supported");
}

TEST(Manifest, with_a_control_character_in_its_id_is_refused) {
  EXPECT_NE(refusal_with("id", "a\nb"), "");
  EXPECT_NE(refusal_with("id", ""), "");
  EXPECT_NE(refusal_with("id", std::string(129, 'x')), "");
}

} // namespace
} // namespace gantry::plugins
