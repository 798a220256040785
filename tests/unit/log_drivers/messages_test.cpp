// What goes over the wire.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <time.h>
#include <zlib.h>

#include <nlohmann/json.hpp>

#include "log-fluentd/message.hpp"
#include "log-gelf/message.hpp"
#include "log-journald/entry.hpp"
#include "log-syslog/message.hpp"

namespace gantry {
namespace {

LogSource source() {
  LogSource s;
  s.id = std::string(64, 'a');
  s.name = "box";
  s.image_id = "sha256:b";
  s.image_name = "busybox";
  s.command = "sh -c true";
  s.tag = "aaaaaaaaaaaa";
  s.created_ns = 1'700'000'000'500'000'000;
  s.attributes = {{"my.label", "v"}};
  return s;
}

LogRecord record(const std::string& text) {
  LogRecord r;
  r.time_ns = 1'700'000'001'234'567'890; // 2023-11-14T22:13:21
  r.text = text;
  return r;
}

class SyslogMessage : public testing::Test {
 protected:
  void SetUp() override {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }
  static std::string format(log_syslog::Format format, const LogRecord& record) {
    log_syslog::Options options;
    options.format = format;
    return log_syslog::message(options, {"host", "tag", 7}, record);
  }
};

TEST_F(SyslogMessage, has_dockers_forms) {
  using log_syslog::Format;
  EXPECT_EQ(format(Format::unix_style, record("hi")), "<30>Nov 14 22:13:21 tag[7]: hi\n");
  EXPECT_EQ(format(Format::rfc3164, record("hi")), "<30>Nov 14 22:13:21 host tag[7]: hi\n");
  EXPECT_EQ(format(Format::rfc5424, record("hi")), "<30>1 2023-11-14T22:13:21Z host tag 7 tag - hi\n");
  EXPECT_EQ(format(Format::rfc5424micro, record("hi")), "<30>1 2023-11-14T22:13:21.234567Z host tag 7 tag - hi\n");
}

TEST_F(SyslogMessage, of_stderr_is_an_error) {
  auto err = record("no");
  err.err = true;
  EXPECT_EQ(format(log_syslog::Format::unix_style, err).substr(0, 4), "<27>");
}

TEST(GelfMessage, has_dockers_fields) {
  const auto json = nlohmann::json::parse(log_gelf::message(source(), "host", record("hi")));
  EXPECT_EQ(json, nlohmann::json::parse(R"({"version":"1.1","host":"host","short_message":"hi","timestamp":1700000001.234,
    "level":6,"_command":"sh -c true","_container_id":")" +
                                        std::string(64, 'a') + R"(","_container_name":"box","_created":1700000000.5,
    "_image_id":"sha256:b","_image_name":"busybox","_tag":"aaaaaaaaaaaa","_my.label":"v"})"));
}

TEST(GelfMessage, stays_json_whatever_was_logged) {
  EXPECT_NO_THROW((void)nlohmann::json::parse(log_gelf::message(source(), "host", record("\xff\x00\n\""))));
}

TEST(GelfMessage, is_compressed_as_asked) {
  log_gelf::Options options;
  const std::string text(5000, 'x');
  std::string packed = log_gelf::compressed(text, options);
  EXPECT_EQ(packed.substr(0, 2), "\x1f\x8b");
  options.compression = log_gelf::Compression::zlib;
  packed = log_gelf::compressed(text, options);
  std::string plain(text.size(), '\0');
  uLongf size = plain.size();
  EXPECT_EQ(
      ::uncompress(reinterpret_cast<Bytef*>(plain.data()), &size, reinterpret_cast<const Bytef*>(packed.data()), packed.size()),
      Z_OK);
  EXPECT_EQ(plain, text);
  options.compression = log_gelf::Compression::none;
  EXPECT_EQ(log_gelf::compressed(text, options), text);
}

TEST(GelfMessage, is_split_into_chunks) {
  EXPECT_EQ(log_gelf::datagrams(std::string(1420, 'x'), 1).size(), 1U);
  const auto pieces = log_gelf::datagrams(std::string(1421, 'x'), 0x0102030405060708);
  ASSERT_EQ(pieces.size(), 2U);
  EXPECT_EQ(pieces[1].substr(0, 12), std::string("\x1e\x0f\x01\x02\x03\x04\x05\x06\x07\x08\x01\x02", 12));
  EXPECT_EQ(pieces[0].size() + pieces[1].size(), 1421U + 24U);
  EXPECT_TRUE(log_gelf::datagrams(std::string(200'000, 'x'), 1).empty()) << "more than 128 chunks are not allowed";
}

nlohmann::json fluentd(const LogRecord& record, const std::string& chunk) {
  return nlohmann::json::from_msgpack(log_fluentd::message(source(), {}, {record}, 0, 1, chunk));
}

TEST(FluentdMessage, is_forward_mode) {
  const auto json = fluentd(record("hi"), "");
  EXPECT_EQ(json[0], "aaaaaaaaaaaa");
  EXPECT_EQ(json[1][0][0], 1'700'000'001);
  EXPECT_EQ(json[1][0][1], nlohmann::json::parse(R"({"container_id":")" + std::string(64, 'a') +
                                                 R"(","container_name":"/box","source":"stdout","log":"hi","my.label":"v"})"));
  EXPECT_TRUE(json[2].empty());
}

TEST(FluentdMessage, asks_for_an_acknowledgement_and_tells_parts) {
  auto part = record(std::string(300, 'x'));
  part.part = 2;
  part.line = 5;
  const auto json = fluentd(part, "c1");
  EXPECT_EQ(json[2]["chunk"], "c1");
  EXPECT_EQ(json[1][0][1]["partial_ordinal"], "2");
  EXPECT_EQ(json[1][0][1]["partial_last"], "true");
  const auto answer = nlohmann::json::to_msgpack(nlohmann::json{{"ack", "c1"}});
  const std::string bytes(answer.begin(), answer.end());
  EXPECT_TRUE(log_fluentd::acknowledges(bytes, "c1"));
  EXPECT_FALSE(log_fluentd::acknowledges(bytes, "c2"));
  EXPECT_FALSE(log_fluentd::acknowledges(bytes.substr(0, 3), "c1"));
}

TEST(FluentdMessage, keeps_nanoseconds_when_asked) {
  log_fluentd::Options options;
  options.nanoseconds = true;
  const std::string bytes = log_fluentd::message(source(), options, {record("hi")}, 0, 1, "");
  EXPECT_NE(bytes.find(std::string("\xd7\x00\x65\x53\xf1\x01\x0d\xfb\x38\xd2", 10)), std::string::npos);
}

TEST(JournalEntry, has_dockers_fields) {
  const std::string text = log_journald::entry(log_journald::common_fields(source()), source(), record("hi"));
  for (const char* field : {"CONTAINER_ID=aaaaaaaaaaaa\n", "CONTAINER_NAME=box\n", "CONTAINER_TAG=aaaaaaaaaaaa\n",
                            "IMAGE_NAME=busybox\n", "SYSLOG_IDENTIFIER=aaaaaaaaaaaa\n", "MY_LABEL=v\n", "PRIORITY=6\n",
                            "SYSLOG_TIMESTAMP=2023-11-14T22:13:21.234567890Z\n", "MESSAGE=hi\n"})
    EXPECT_NE(text.find(field), std::string::npos) << field;
}

TEST(JournalEntry, says_how_long_a_value_with_a_newline_is) {
  auto odd = source();
  odd.attributes = {{"a", "x\ny"}};
  EXPECT_NE(log_journald::common_fields(odd).find(std::string("A\n\x03\0\0\0\0\0\0\0x\ny\n", 14)), std::string::npos);
}

TEST(JournalEntry, has_names_that_the_journal_takes) {
  EXPECT_EQ(log_journald::field_name("my.label-1"), "MY_LABEL_1");
  EXPECT_EQ(log_journald::field_name("__secret"), "SECRET");
  EXPECT_EQ(log_journald::field_name("1st"), "");
  EXPECT_EQ(log_journald::field_name("..."), "");
}

} // namespace
} // namespace gantry
