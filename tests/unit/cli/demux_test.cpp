#include "cli/streams/demux.hpp"

#include <gtest/gtest.h>

#include "invocation.hpp"

namespace gantry::cli::test {
namespace {

std::string frame(char stream, const std::string& data) {
  std::string out{stream, 0, 0, 0, 0, 0, static_cast<char>(data.size() >> 8), static_cast<char>(data.size() & 255)};
  return out + data;
}

TEST(Demux, sorts_frames_however_they_are_cut) {
  const std::string stream = frame(1, "out") + frame(2, "err") + frame(1, "") + frame(1, std::string(300, 'x'));
  for (std::size_t step = 1; step <= stream.size(); step = step * 2 + 1) {
    std::string out, err;
    Demux demux([&](int which, std::string_view data) { (which == 2 ? err : out) += data; });
    for (std::size_t at = 0; at < stream.size(); at += step) demux.feed(std::string_view(stream).substr(at, step));
    EXPECT_EQ(out, "out" + std::string(300, 'x')) << step;
    EXPECT_EQ(err, "err") << step;
  }
}

TEST(Demux, the_daemons_error_and_nonsense_are_failures) {
  Demux demux([](int, std::string_view) {});
  EXPECT_EQ(message_of([&demux] { demux.feed(frame(3, "broken")); }), "error from daemon in stream: broken");
  Demux other([](int, std::string_view) {});
  EXPECT_EQ(message_of([&other] { other.feed(frame(9, "x")); }), "Unrecognized input header: 9");
}

} // namespace
} // namespace gantry::cli::test
