#include <gtest/gtest.h>

#include "cli/commands/container/flag_values.hpp"
#include "invocation.hpp"

namespace gantry::cli::test {
namespace {

TEST(MountValue, becomes_the_apis_form) {
  const struct {
    const char *text, *json;
  } rows[] = {
      {"type=bind,src=/x,dst=/y,readonly,bind-propagation=rslave",
       R"({"Type":"bind","Source":"/x","Target":"/y","ReadOnly":true,"BindOptions":{"Propagation":"rslave"}})"},
      {"source=v,target=/z,volume-nocopy=1,volume-opt=a=b",
       R"({"Type":"volume","Source":"v","Target":"/z","VolumeOptions":{"NoCopy":true,"DriverConfig":{"Options":{"a":"b"}}}})"},
      {"type=tmpfs,destination=/t,tmpfs-size=10m,tmpfs-mode=1700",
       R"({"Type":"tmpfs","Target":"/t","TmpfsOptions":{"SizeBytes":10485760,"Mode":960}})"},
      {"type=bind,\"src=/a,b\",dst=/c", R"({"Type":"bind","Source":"/a,b","Target":"/c"})"},
  };
  for (const auto& row : rows) EXPECT_EQ(parse_mount(row.text), Json::parse(row.json)) << row.text;
}

TEST(MountValue, says_what_is_wrong) {
  const struct {
    const char *text, *says;
  } rows[] = {{"dst=/a,foo", "invalid field 'foo' must be a key=value pair"},
              {"dst=/a,foo=bar", "unexpected key 'foo' in 'foo=bar'"},
              {"type=tmpfs", "target is required"},
              {"type=bind,dst=/a,volume-nocopy", "cannot mix 'volume-*' options with mount type 'bind'"},
              {"dst=/a,ro=zz", "invalid value for ro: zz"}};
  for (const auto& row : rows) EXPECT_EQ(message_of([&row] { parse_mount(row.text); }), row.says) << row.text;
}

} // namespace
} // namespace gantry::cli::test
