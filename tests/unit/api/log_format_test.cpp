#include "api/containers/log_format.hpp"

#include <gtest/gtest.h>

#include "api/stdcopy.hpp"

namespace gantry::api {
namespace {

using gantry::containers::LogLine;

std::string format(LogFormat how) {
  std::string out;
  append_line(out, LogLine{LogLine::Stream::err, 1'700'000'000'000'000'000, "hi\n", "a=b"}, how);
  return out;
}

TEST(LogFormat, frames_name_the_stream_and_the_length) {
  EXPECT_EQ(format({true, false, false}), std::string("\x02\0\0\0\0\0\0\x03hi\n", 11));
}

TEST(LogFormat, a_terminal_has_no_frames) { EXPECT_EQ(format({false, false, false}), "hi\n"); }

TEST(LogFormat, times_have_nine_digits_and_come_first) {
  EXPECT_EQ(format({false, true, false}), "2023-11-14T22:13:20.000000000Z hi\n");
  EXPECT_EQ(format({false, true, true}), "2023-11-14T22:13:20.000000000Z a=b hi\n");
}

TEST(LogFormat, the_frame_counts_what_is_put_in_front) {
  EXPECT_EQ(format({true, false, true}), std::string("\x02\0\0\0\0\0\0\x07"
                                                     "a=b hi\n",
                                                     15));
}

TEST(StreamMediaType, is_multiplexed_for_new_clients_without_a_terminal) {
  EXPECT_EQ(stream_media_type(false, {1, 42}), "application/vnd.docker.multiplexed-stream");
  EXPECT_EQ(stream_media_type(true, {1, 42}), "application/vnd.docker.raw-stream");
  EXPECT_EQ(stream_media_type(false, {1, 41}), "application/vnd.docker.raw-stream");
}

} // namespace
} // namespace gantry::api
