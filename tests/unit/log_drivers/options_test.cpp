// What the drivers refuse, in the words of Docker's users.
#include <gtest/gtest.h>

#include "log-fluentd/options.hpp"
#include "log-gelf/options.hpp"
#include "log-journald/journald_driver.hpp"
#include "log-syslog/options.hpp"

#include <gantry/testing/fake_host.hpp>

namespace gantry {
namespace {

std::string refusal(const std::string& driver, const LogSettings& settings) {
  try {
    if (driver == "syslog") log_syslog::read_options(settings);
    if (driver == "gelf") log_gelf::read_options(settings);
    if (driver == "fluentd") log_fluentd::read_options(settings);
    if (driver == "journald") {
      driver_test::FakeHost host;
      log_journald::JournaldDriver(host, R"({"socket":"/x"})").validate(settings);
    }
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::invalid);
    return e.what();
  }
  return "";
}

struct Row {
  const char* driver;
  LogSettings settings;
  const char* text;
};

class LogDriverOptions : public testing::TestWithParam<Row> {};

TEST_P(LogDriverOptions, are_checked) {
  const auto& row = GetParam();
  EXPECT_EQ(refusal(row.driver, row.settings), row.text);
}

const char* const gelf = "gelf-address";

INSTANTIATE_TEST_SUITE_P(
    Syslog, LogDriverOptions,
    testing::Values(
        Row{"syslog", {}, ""}, Row{"syslog", {{"syslog-address", "udp://h"}, {"syslog-facility", "local3"}}, ""},
        Row{"syslog", {{"foo", "1"}}, "unknown log opt 'foo' for syslog log driver"},
        Row{"syslog", {{"syslog-facility", "foo"}}, "invalid syslog facility"},
        Row{"syslog", {{"syslog-facility", "99"}}, "invalid syslog facility"},
        Row{"syslog", {{"syslog-format", "foo"}}, "Invalid syslog format"},
        Row{"syslog", {{"syslog-address", "foo"}}, "syslog-address should be in form proto://address, got foo"},
        Row{"syslog", {{"syslog-address", "http://x"}}, "syslog-address should be in form proto://address, got http://x"},
        Row{"syslog", {{"syslog-address", "unix:///nonexistent"}}, "stat /nonexistent: no such file or directory"},
        Row{"syslog", {{"syslog-address", "udp://h:port"}}, "parse \"udp://h:port\": invalid port \":port\" after host"}));

INSTANTIATE_TEST_SUITE_P(
    Gelf, LogDriverOptions,
    testing::Values(
        Row{"gelf", {{gelf, "udp://x:1"}}, ""}, Row{"gelf", {}, "gelf-address is a required parameter"},
        Row{"gelf", {{gelf, "foo"}}, "gelf-address should be in form proto://address, got foo"},
        Row{"gelf", {{gelf, "udp://x"}}, "gelf: please provide gelf-address as proto://host:port"},
        Row{"gelf", {{gelf, "udp://x:1"}, {"foo", "1"}}, "unknown log opt \"foo\" for gelf log driver"},
        Row{"gelf",
            {{gelf, "udp://x:1"}, {"gelf-compression-type", "foo"}},
            "unknown value \"foo\" for log opt \"gelf-compression-type\" for gelf log driver"},
        Row{"gelf",
            {{gelf, "udp://x:1"}, {"gelf-compression-level", "99"}},
            "unknown value \"99\" for log opt \"gelf-compression-level\" for gelf log driver"},
        Row{"gelf", {{gelf, "tcp://x:1"}, {"gelf-compression-type", "gzip"}}, "compression is only supported on UDP"},
        Row{"gelf", {{gelf, "udp://x:1"}, {"gelf-tcp-max-reconnect", "1"}}, "\"gelf-tcp-max-reconnect\" is only valid for TCP"},
        Row{"gelf",
            {{gelf, "tcp://x:1"}, {"gelf-tcp-reconnect-delay", "x"}},
            "\"gelf-tcp-reconnect-delay\" must be a positive integer"}));

INSTANTIATE_TEST_SUITE_P(
    Fluentd, LogDriverOptions,
    testing::Values(Row{"fluentd", {}, ""},
                    Row{"fluentd", {{"fluentd-address", "tcp://h:1/path"}, {"fluentd-retry-wait", "1s"}}, ""},
                    Row{"fluentd", {{"foo", "1"}}, "unknown log opt 'foo' for fluentd log driver"},
                    Row{"fluentd",
                        {{"fluentd-address", "x:port"}},
                        "invalid fluentd-address x:port: strconv.Atoi: parsing \"port\": invalid syntax"},
                    Row{"fluentd", {{"fluentd-buffer-limit", "x"}}, "invalid size: 'x'"},
                    Row{"fluentd", {{"fluentd-retry-wait", "x"}}, "time: invalid duration \"x\""},
                    Row{"fluentd", {{"fluentd-max-retries", "x"}}, "strconv.ParseUint: parsing \"x\": invalid syntax"},
                    Row{"fluentd", {{"fluentd-async", "maybe"}}, "strconv.ParseBool: parsing \"maybe\": invalid syntax"}));

INSTANTIATE_TEST_SUITE_P(Journald, LogDriverOptions,
                         testing::Values(Row{"journald", {}, ""},
                                         Row{"journald", {{"foo", "1"}}, "unknown log opt 'foo' for journald log driver"}));

} // namespace
} // namespace gantry
