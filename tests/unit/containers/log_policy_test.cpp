#include "containers/log_policy.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "containers/byte_size.hpp"
#include "containers/log_identity.hpp"

namespace gantry::containers {
namespace {

using Options = std::map<std::string, std::string>;

/// Knows one option.
class FakeLogDriver final : public LogDriver {
 public:
  void validate(const LogSettings& options) override {
    for (const auto& [name, value] : options) {
      if (name != "fake-address") throw invalid("unknown log opt '" + name + "' for fake log driver");
    }
  }
  void open(Call&, const LogSource&) override {}
  void write(Call&, const std::string&, const std::vector<LogRecord>&, std::size_t&) override {}
  void close(Call&, const std::string&) override {}
};

const LogDrivers& plugins() {
  static FakeLogDriver driver;
  static const LogDrivers drivers = {{"fake", &driver}};
  return drivers;
}

Container container(const std::string& driver, Options options) {
  Container c;
  c.id = std::string(64, 'a');
  c.name = "box";
  c.image_id = "sha256:" + std::string(64, 'b');
  c.image_ref = "busybox";
  c.path = "sh";
  c.args = {"-c", "true"};
  c.config.env = {"E=2", "F=3", "PATH=/bin"};
  c.config.labels = {{"x", "1"}, {"y", "b c"}};
  c.host_config.log_config = {driver, std::move(options)};
  return c;
}

LogPolicy policy(const std::string& driver, Options options) {
  return make_log_policy(container(driver, std::move(options)), "/x", plugins());
}

TEST(LogPolicy, rotates_by_default) {
  const LogPolicy log = policy("json-file", {});
  EXPECT_EQ(log.format, "json-file");
  EXPECT_EQ(log.path, "/x");
  EXPECT_EQ(log.max_bytes, 20U << 20);
  EXPECT_EQ(log.max_files, 5U);
  EXPECT_EQ(log.attrs_json, "");
  EXPECT_FALSE(log.exact);
}

TEST(LogPolicy, takes_size_and_number_from_the_options) {
  const LogPolicy log = policy("json-file", {{"max-size", "10k"}, {"max-file", "3"}});
  EXPECT_EQ(log.max_bytes, 10000U) << "decimal, as in Docker";
  EXPECT_EQ(log.max_files, 3U);
  EXPECT_EQ(policy("json-file", {{"max-size", "1m"}}).max_files, 1U);
}

TEST(LogPolicy, minus_one_never_rotates) { EXPECT_EQ(policy("json-file", {{"max-size", "-1"}}).max_bytes, 0U); }

TEST(LogPolicy, local_and_plugins_keep_every_byte_and_plugins_count_lines) {
  const LogPolicy local = policy("local", {{"max-size", "1m"}, {"max-file", "2"}});
  EXPECT_EQ(local.max_bytes, 1000000U);
  EXPECT_TRUE(local.exact);
  EXPECT_FALSE(local.counted);
  const LogPolicy fake = policy("fake", {{"cache-max-size", "2m"}, {"cache-max-file", "3"}});
  EXPECT_EQ(fake.max_bytes, 2000000U);
  EXPECT_EQ(fake.max_files, 3U);
  EXPECT_TRUE(fake.exact && fake.counted);
  EXPECT_EQ(policy("none", {}).format, "none");
}

TEST(LogPolicy, options_of_the_daemon_fill_in_what_the_user_left_open) {
  LogConfig config;
  config.config = {{"max-file", "2"}};
  complete_log_config(config, "json-file", {{"max-file", "9"}, {"max-size", "1m"}}, plugins());
  EXPECT_EQ(config.type, "json-file");
  EXPECT_EQ(config.config, (Options{{"max-file", "2"}, {"max-size", "1m"}}));
  LogConfig other{"local", {}};
  complete_log_config(other, "json-file", {{"max-file", "9"}}, plugins());
  EXPECT_EQ(other.config, Options{}) << "they are for the default driver only";
}

std::string log_refusal(const std::string& driver, Options options) {
  LogConfig config{driver, std::move(options)};
  try {
    complete_log_config(config, "json-file", {}, plugins());
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::invalid);
    return e.what();
  }
  return "";
}

struct Refusal {
  const char* driver;
  Options options;
  const char* text;
};

class LogOptionsRefused : public ::testing::TestWithParam<Refusal> {};

TEST_P(LogOptionsRefused, with_dockers_text) {
  const auto& row = GetParam();
  EXPECT_EQ(log_refusal(row.driver, row.options), row.text);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, LogOptionsRefused,
    ::testing::Values(Refusal{"foo", {}, "error looking up logging plugin foo: plugin \"foo\" not found"},
                      Refusal{"json-file", {{"foo", "x"}}, "unknown log opt 'foo' for json-file log driver"},
                      Refusal{"json-file", {{"max-size", "x"}}, "invalid size: 'x'"},
                      Refusal{"json-file", {{"max-size", "0"}}, "max-size must be a positive number"},
                      Refusal{"json-file", {{"max-file", "x"}}, "strconv.Atoi: parsing \"x\": invalid syntax"},
                      Refusal{"json-file", {{"max-file", "0"}}, "max-file cannot be less than 1"},
                      Refusal{"json-file", {{"compress", "maybe"}}, "strconv.ParseBool: parsing \"maybe\": invalid syntax"},
                      Refusal{"json-file",
                              {{"compress", "true"}, {"max-size", "1m"}},
                              "compress cannot be true when max-file is less than 2 or max-size is not set"},
                      Refusal{"json-file", {{"mode", "foo"}}, "logger: logging mode not supported: foo"},
                      Refusal{"json-file",
                              {{"max-buffer-size", "1m"}},
                              "logger: max-buffer-size option is only supported with 'mode=non-blocking'"},
                      Refusal{"json-file",
                              {{"mode", "non-blocking"}, {"max-buffer-size", "x"}},
                              "error parsing option max-buffer-size: invalid size: 'x'"},
                      Refusal{"local", {{"labels", "a"}}, "unknown log opt 'labels' for log driver local"},
                      Refusal{"local", {{"max-size", "x"}}, "invalid value for max-size: x: invalid size: 'x'"},
                      Refusal{"local", {{"max-file", "1"}}, "compression cannot be enabled when max file count is 1"},
                      Refusal{"fake", {{"foo", "1"}}, "unknown log opt 'foo' for fake log driver"},
                      Refusal{"fake", {{"cache-disabled", "maybe"}}, "invalid value for option cache-disabled: maybe"}));

TEST(LogPolicy, reading_depends_on_driver_and_cache) {
  EXPECT_TRUE(is_readable({"json-file", {}}));
  EXPECT_TRUE(is_readable({"fake", {}}));
  EXPECT_TRUE(is_readable({"fake", {{"cache-disabled", "false"}}}));
  EXPECT_FALSE(is_readable({"fake", {{"cache-disabled", "true"}}}));
  EXPECT_FALSE(is_readable({"none", {}}));
}

TEST(LogIdentity, fills_in_the_tag) {
  const auto tag = [](const std::string& text) { return log_tag(container("json-file", {{"tag", text}}), "{{.ID}}"); };
  EXPECT_EQ(tag(""), "aaaaaaaaaaaa");
  EXPECT_EQ(tag("{{.Name}}/{{.ID}}/{{.ImageName}}/{{.ImageID}}"), "box/aaaaaaaaaaaa/busybox/sha256:bbbbb");
  EXPECT_EQ(tag("{{.FullID}}"), std::string(64, 'a'));
  EXPECT_EQ(tag("{{upper .Name}} {{.Command}}"), "BOX sh -c true");
}

TEST(LogIdentity, tells_a_wrong_tag_as_go_does) {
  try {
    log_tag(container("json-file", {{"tag", "{{.Foo}}"}}), "");
    ADD_FAILURE();
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(),
                 "failed to initialize logging driver: template: log-tag:1:2: executing \"log-tag\" at <.Foo>: can't evaluate "
                 "field Foo in type *logger.Info");
  }
}

TEST(LogIdentity, chooses_labels_and_variables) {
  const Options chosen = log_attributes(container("json-file", {{"labels", "y,none"}, {"env-regex", "^[EF]$"}}));
  EXPECT_EQ(chosen, (Options{{"E", "2"}, {"F", "3"}, {"y", "b c"}}));
  EXPECT_EQ(line_attributes(container("json-file", {{"labels-regex", "x"}, {"tag", "<{{.Name}}>"}})),
            "{\"tag\":\"\\u003cbox\\u003e\",\"x\":\"1\"}");
  EXPECT_THROW(log_attributes(container("json-file", {{"labels-regex", "("}})), Error);
}

TEST(ByteSize, of_logs_is_decimal) {
  EXPECT_EQ(parse_human_size("10k"), 10000);
  EXPECT_EQ(parse_human_size("1.5MB"), 1500000);
  EXPECT_FALSE(parse_human_size("-1"));
}

TEST(ByteSize, reads_dockers_suffixes) {
  EXPECT_EQ(parse_byte_size("512"), 512);
  EXPECT_EQ(parse_byte_size("10k"), 10240);
  EXPECT_EQ(parse_byte_size("1.5GB"), 1610612736);
  EXPECT_EQ(parse_byte_size("2MiB"), 2097152);
  EXPECT_EQ(parse_byte_size("7b"), 7);
  for (const char* bad : {"", "x", "-1", "10q", "10kk", "1e400", "nan", "99999999999p"})
    EXPECT_FALSE(parse_byte_size(bad)) << bad;
}

} // namespace
} // namespace gantry::containers
