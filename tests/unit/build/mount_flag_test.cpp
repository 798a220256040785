#include "build/mounts/mount_flag.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace gantry::build {
namespace {

RunMount parse(const std::string& text) {
  return parse_mount_flag(text, [](const std::string& value) { return value == "$V" ? "variable" : value; });
}

std::string flag_error(const std::string& text) {
  try {
    (void)parse(text);
  } catch (const Error& e) {
    return e.what();
  }
  return "none";
}

TEST(MountFlag, has_buildkits_defaults) {
  const RunMount bind = parse("target=/t");
  EXPECT_EQ(bind.type, "bind");
  EXPECT_TRUE(bind.read_only);
  EXPECT_FALSE(parse("type=cache,target=/t").read_only);
  EXPECT_FALSE(parse("type=tmpfs,target=/t").read_only);
  EXPECT_EQ(parse("type=cache,target=/t").sharing, "shared");
  EXPECT_FALSE(parse("type=secret,id=s").required);
}

TEST(MountFlag, reads_every_key) {
  const RunMount m = parse("TYPE=Cache,id=i,from=f,src=s,dst=/t,ro,sharing=Locked,mode=0750,uid=1,gid=2");
  EXPECT_EQ(m.type + m.id + m.from + m.source + m.target + m.sharing, "cacheifs/tlocked");
  EXPECT_TRUE(m.read_only);
  EXPECT_EQ(m.mode, 0750U);
  EXPECT_EQ(m.uid, 1U);
  EXPECT_EQ(m.gid, 2U);
  EXPECT_FALSE(parse("target=/t,readwrite").read_only);
  EXPECT_FALSE(parse("target=/t,readonly=false").read_only);
  EXPECT_EQ(parse("type=tmpfs,target=/t,size=2m").size, 2 << 20);
  EXPECT_TRUE(parse("type=ssh,required=1").required);
  EXPECT_EQ(parse("type=secret,id=s,env=E").env, "E");
  EXPECT_EQ(parse("target=$V").target, "variable");
  EXPECT_EQ(parse("\"target=/a,b\",\"source=say \"\"hi\"\"\"").target, "/a,b");
}

TEST(MountFlag, refuses_with_buildkits_texts) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"type=x", "unsupported mount type \"x\""},
      {"foo", "invalid field 'foo' must be a key=value pair"},
      {"foo=1", "unexpected key 'foo' in 'foo=1'"},
      {"required", "unexpected key 'required' for mount type 'bind'"},
      {"ro=maybe", "invalid value for ro: maybe"},
      {"size=1", "unexpected key 'size' for mount type 'bind'"},
      {"type=tmpfs,size=much", "invalid value for size: much"},
      {"type=cache,mode=9", "invalid value 9 for mode"},
      {"type=cache,uid=99999999999", "invalid value 99999999999 for uid"},
      {"gid=1", "gid not allowed for \"bind\" type mounts"},
      {"type=tmpfs,sharing=shared", "invalid cache sharing set for tmpfs mount"},
      {"type=secret,from=x,id=s", "secret mount should not have a from"},
      {"type=secret,src=a,id=b", "both source and id can't be set"},
      {"type=secret,id=s,env=A=B", "invalid environment variable name 'A=B' for a secret"},
      {"type=secret,id=s,env=../x", "invalid environment variable name '../x' for a secret"},
      {"type=ssh,source=x", "ssh does not support source"},
      {"env=X", "unexpected key 'env' for mount type 'bind'"},
      {"\"target=/a", "failed to parse csv mounts: extraneous or missing \" in quoted-field"}};
  for (const auto& [text, error] : rows) EXPECT_EQ(flag_error(text), error) << text;
}

TEST(MountFlag, tells_where_it_is_from_even_when_it_is_wrong) {
  EXPECT_EQ(mount_flag_from("from=stage,target=/x"), "stage");
  EXPECT_EQ(mount_flag_from("target=/x"), "");
  EXPECT_EQ(mount_flag_from("nonsense"), "");
}

} // namespace
} // namespace gantry::build
