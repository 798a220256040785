#include "base/file.hpp"
#include "containers/cdi/apply.hpp"
#include "containers/cdi/device.hpp"
#include "containers/device_requests.hpp"
#include "sample.hpp"
#include "unit/base/temp_dir.hpp"

namespace gantry::containers::test {
namespace {

using gantry::test::TempDir;

std::string internal_refusal(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::internal);
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

constexpr const char* one = R"({"cdiVersion":"0.6.0","kind":"vendor.com/thing","containerEdits":{"env":["COMMON=1"]},
  "devices":[{"name":"a","containerEdits":{"env":["A=1"]}},{"name":"b","containerEdits":{"env":["B=1"]}}]})";

TEST(CdiDevices, have_the_files_edits_once_and_their_own) {
  const TempDir dir;
  write_file_atomic(dir / "one.json", one, 0644);
  const auto edits = cdi::find_edits({dir / "."}, {"vendor.com/thing=a", "vendor.com/thing=b"});
  ASSERT_EQ(edits.size(), 3U);
  EXPECT_EQ(edits[0]["env"][0], "COMMON=1");
  EXPECT_EQ(edits[1]["env"][0], "A=1");
  EXPECT_EQ(edits[2]["env"][0], "B=1");
}

TEST(CdiDevices, of_later_directories_win_and_of_the_same_directory_are_ambiguous) {
  const TempDir low, high;
  write_file_atomic(low / "one.json", one, 0644);
  write_file_atomic(high / "two.yaml",
                    "cdiVersion: 0.5.0\nkind: vendor.com/thing\ndevices:\n- name: a\n  containerEdits: {env: [HIGH=1]}\n", 0644);
  EXPECT_EQ(cdi::find_edits({low / ".", high / "."}, {"vendor.com/thing=a"}).back()["env"][0], "HIGH=1");
  write_file_atomic(low / "again.json", one, 0644);
  EXPECT_EQ(internal_refusal([&] { cdi::find_edits({low / "."}, {"vendor.com/thing=a"}); }),
            "CDI device injection failed: unresolvable CDI devices vendor.com/thing=a");
}

TEST(CdiDevices, of_broken_files_do_not_exist) {
  for (const char* text :
       {"{", "[]", R"({"kind":"v.c/x","devices":[{"name":"a"}]})",
        R"({"cdiVersion":"1.0.0","kind":"x","devices":[{"name":"a"}]})", R"({"cdiVersion":"1.0.0","kind":"v.c/x","devices":[]})",
        R"({"cdiVersion":"1.0.0","kind":"v.c/x","devices":[{"name":""}]})"}) {
    const TempDir dir;
    write_file_atomic(dir / "x.json", text, 0644);
    EXPECT_NE(internal_refusal([&] { cdi::find_edits({dir / "."}, {"v.c/x=a"}); }).find("unresolvable"), std::string::npos)
        << text;
  }
}

TEST(CdiDevices, are_named_by_vendor_class_and_name) {
  EXPECT_TRUE(cdi::is_qualified_name("nvidia.com/gpu=0"));
  EXPECT_TRUE(cdi::is_qualified_name("v-1.x_y/c-2_z=GPU-1:2.3"));
  for (const char* bad : {"", "/dev/null", "a/b", "a=b", "a/=b", "/c=d", "1a/b=c", "a/b=", "a/b=c/d", "/dev/x:/dev/y=z"})
    EXPECT_FALSE(cdi::is_qualified_name(bad)) << bad;
}

TEST(CdiEdits, change_environment_devices_mounts_hooks_and_groups) {
  SpecContext context = sample_context();
  context.device_edits = {Json::parse(R"({"env":["NEW=1","PATH=/x"],"additionalGids":[0,44],
    "deviceNodes":[{"path":"/dev/full2","hostPath":"/dev/full","permissions":"r"},{"path":"/dev/made","type":"c","major":250,"minor":7,"fileMode":384}],
    "mounts":[{"hostPath":"/lib/x","containerPath":"/x","options":["ro","nosuid"]}],
    "hooks":[{"hookName":"createContainer","path":"/bin/hook","args":["hook","a"],"timeout":3}]})")};
  const Json spec = make_spec(sample_container(), context);
  const Json& env = spec["process"]["env"];
  EXPECT_EQ(std::count(env.begin(), env.end(), Json("PATH=/x")), 1);
  EXPECT_EQ(std::count(env.begin(), env.end(), Json("NEW=1")), 1);
  EXPECT_EQ(spec["process"]["user"]["additionalGids"], Json::array({44}));
  const Json& nodes = spec["linux"]["devices"];
  ASSERT_EQ(nodes.size(), 2U);
  EXPECT_EQ(nodes[0]["major"], 1);
  EXPECT_EQ(nodes[0]["minor"], 7);
  EXPECT_EQ(nodes[1], Json::parse(R"({"path":"/dev/made","type":"c","fileMode":384,"major":250,"minor":7,"uid":0,"gid":0})"));
  const Json& rules = spec["linux"]["resources"]["devices"];
  EXPECT_EQ(rules[rules.size() - 2], Json::parse(R"({"allow":true,"type":"c","major":1,"minor":7,"access":"r"})"));
  EXPECT_EQ(mount_at(spec, "/x")["options"], Json::array({"ro", "nosuid", "rbind"}));
  EXPECT_EQ(spec["hooks"], Json::parse(R"({"createContainer":[{"path":"/bin/hook","args":["hook","a"],"timeout":3}]})"));
}

TEST(CdiEdits, that_make_no_sense_are_refused) {
  const auto refused = [](const char* edits) {
    SpecContext context = sample_context();
    context.device_edits = {Json::parse(edits)};
    return internal_refusal([&] { (void)make_spec(sample_container(), context); });
  };
  EXPECT_EQ(refused(R"({"deviceNodes":[{"path":"/dev/none","hostPath":"/nowhere"}]})"),
            "CDI device injection failed: failed to inject devices: failed to stat CDI host device \"/nowhere\": no such file or "
            "directory");
  EXPECT_NE(refused(R"({"env":["=x"]})").find("invalid environment variable"), std::string::npos);
  EXPECT_NE(refused(R"({"env":"x"})").find("expected a list"), std::string::npos);
  EXPECT_NE(refused(R"({"mounts":[{"hostPath":"/x","containerPath":"relative"}]})").find("invalid mount"), std::string::npos);
  EXPECT_NE(refused(R"({"hooks":[{"hookName":"later","path":"/x"}]})").find("invalid hook name"), std::string::npos);
  EXPECT_NE(refused(R"({"deviceNodes":[7]})").find("expected objects"), std::string::npos);
}

TEST(DeviceRequests, without_a_driver_are_refused_in_dockers_words) {
  const Json gpus = Json::parse(R"([{"Driver":"","Count":-1,"Capabilities":[["gpu"]]}])");
  EXPECT_EQ(internal_refusal([&] { requested_cdi_devices(gpus, true); }),
            "could not select device driver \"\" with capabilities: [[gpu]]");
  const Json cdi = Json::parse(R"([{"Driver":"cdi","DeviceIDs":["a/b=c","a/b=d"]}])");
  EXPECT_EQ(requested_cdi_devices(cdi, true), (std::vector<std::string>{"a/b=c", "a/b=d"}));
  EXPECT_EQ(internal_refusal([&] { requested_cdi_devices(cdi, false); }),
            "could not select device driver \"cdi\" with capabilities: []");
  EXPECT_TRUE(requested_cdi_devices(nullptr, true).empty());
}

} // namespace
} // namespace gantry::containers::test
