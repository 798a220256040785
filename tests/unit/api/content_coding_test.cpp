#include "api/content_coding.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <vector>

namespace gantry::api {
namespace {

TEST(ContentCoding, is_what_the_client_likes_best) {
  const struct {
    const char* accept;
    Coding coding;
  } rows[] = {{"", Coding::identity},
              {"identity", Coding::identity},
              {"gzip", Coding::gzip},
              {"GZip , deflate", Coding::gzip},
              {"deflate, gzip", Coding::gzip},
              {"deflate", Coding::deflate},
              {"gzip;q=0.5, deflate;q=0.8", Coding::deflate},
              {"gzip; q=0", Coding::identity},
              {"*", Coding::gzip},
              {"br, zstd", Coding::identity},
              {"gzip;q=x", Coding::identity},
              {",,;q=1,", Coding::identity}};
  for (const auto& row : rows) EXPECT_EQ(negotiated_coding(row.accept), row.coding) << row.accept;
}

std::string unpacked(const std::string& packed, int window) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, window), Z_OK);
  std::string plain(4 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(plain.data());
  stream.avail_out = static_cast<uInt>(plain.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  plain.resize(stream.total_out);
  inflateEnd(&stream);
  return plain;
}

std::string through(Coding coding, std::vector<std::string> pieces) {
  Encoder encoder(coding);
  pieces.emplace_back();
  std::size_t at = 0;
  const auto read = [&] { return pieces.at(at++); };
  std::string packed;
  for (std::string some = encoder.next(read); !some.empty(); some = encoder.next(read)) packed += some;
  return packed;
}

TEST(ContentCoding, gives_back_what_was_packed) {
  std::string noise(300'000, '\0');
  unsigned state = 1;
  for (char& c : noise) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  for (const auto& pieces : std::vector<std::vector<std::string>>{{}, {"a"}, {std::string(1 << 20, 'x'), noise, "end"}}) {
    std::string whole;
    for (const auto& piece : pieces) whole += piece;
    EXPECT_EQ(through(Coding::identity, pieces), whole);
    EXPECT_EQ(unpacked(through(Coding::gzip, pieces), MAX_WBITS + 16), whole);
    EXPECT_EQ(unpacked(through(Coding::deflate, pieces), -MAX_WBITS), whole);
  }
}

} // namespace
} // namespace gantry::api
