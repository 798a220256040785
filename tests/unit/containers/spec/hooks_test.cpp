#include "containers/hooks.hpp"

#include <sys/stat.h>

#include "base/file.hpp"
#include "sample.hpp"
#include "unit/base/temp_dir.hpp"

namespace gantry::containers::test {
namespace {

using gantry::test::TempDir;

std::string hook_file(const std::string& when, const std::string& path = "/bin/hook") {
  return R"({"version":"1.0.0","hook":{"path":")" + path + R"("},"when":)" + when + R"(,"stages":["prestart","poststop"]})";
}

TEST(ConfiguredHooks, apply_where_every_condition_holds) {
  Container container = sample_container();
  container.host_config.annotations = {{"com.example.gpu", "yes"}};
  container.path = "/usr/bin/python3";
  const struct {
    const char* when;
    bool applies;
  } rows[] = {{R"({"always":true})", true},
              {R"({"always":false})", false},
              {"{}", false},
              {R"({"annotations":{"^com\\.example\\.":"^y"}})", true},
              {R"({"annotations":{"^com\\.example\\.":"no"}})", false},
              {R"({"commands":["python"]})", true},
              {R"({"commands":["^python"]})", false},
              {R"({"hasBindMounts":false})", true},
              {R"({"hasBindMounts":true})", false},
              {R"({"always":true,"commands":["nothing"]})", false}};
  for (const auto& row : rows) {
    const TempDir dir;
    write_file_atomic(dir / "h.json", hook_file(row.when), 0644);
    const Json hooks = configured_hooks({dir / "."}, container);
    EXPECT_EQ(!hooks.is_null(), row.applies) << row.when;
    if (row.applies) {
      EXPECT_EQ(hooks, Json::parse(R"({"prestart":[{"path":"/bin/hook"}],"poststop":[{"path":"/bin/hook"}]})"));
    }
  }
}

TEST(ConfiguredHooks, of_later_directories_replace_those_of_the_same_name) {
  const TempDir low, high;
  write_file_atomic(low / "h.json", hook_file(R"({"always":true})", "/low"), 0644);
  write_file_atomic(high / "h.json", hook_file(R"({"always":true})", "/high"), 0644);
  EXPECT_EQ(configured_hooks({low / ".", high / "."}, sample_container())["prestart"], Json::parse(R"([{"path":"/high"}])"));
  EXPECT_TRUE(configured_hooks({"/nowhere"}, sample_container()).is_null());
}

TEST(ConfiguredHooks, that_others_may_write_or_that_are_malformed_are_refused) {
  const TempDir dir;
  const auto problem = [&] {
    try {
      configured_hooks({dir / "."}, sample_container());
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  write_file_atomic(dir / "h.json", hook_file(R"({"always":true})"), 0666);
  EXPECT_NE(problem().find("can be written by others"), std::string::npos) << problem();
  for (const char* text :
       {"{", "[]", R"({"version":"0.1.0"})", R"({"version":"1.0.0","hook":{"path":"x"},"stages":["prestart"]})",
        R"({"version":"1.0.0","hook":{"path":"/x"},"stages":["later"]})",
        R"({"version":"1.0.0","hook":{"path":"/x"},"when":{"commands":["("]},"stages":["prestart"]})",
        R"({"version":"1.0.0","hook":{"path":"/x","timeout":0},"stages":["prestart"]})"}) {
    write_file_atomic(dir / "h.json", text, 0644);
    EXPECT_NE(problem().find("h.json"), std::string::npos) << text;
  }
}

} // namespace
} // namespace gantry::containers::test
