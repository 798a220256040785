#include "registry/layer_packer.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>

#include "base/error.hpp"
#include "base/file.hpp"
#include "images/decompress.hpp"
#include "support/command.hpp"

namespace gantry::registry {
namespace {

/// Neither random nor constant, several blocks long.
std::string sample(std::size_t size) {
  std::string text;
  std::uint32_t x = 12345;
  while (text.size() < size) text += std::to_string((x = x * 1664525 + 1013904223) % 5000) + " ";
  text.resize(size);
  return text;
}

class LayerPacker : public testing::TestWithParam<const char*> {
 protected:
  LayerPacker() {
    char name[] = "/tmp/gantry-packer-XXXXXX";
    dir_ = ::mkdtemp(name);
  }
  ~LayerPacker() override { std::filesystem::remove_all(dir_); }

  images::ReceivedFile pack(const std::string& bytes, const std::string& name) {
    const UniqueFd in(::memfd_create("tar", MFD_CLOEXEC));
    EXPECT_EQ(::write(in.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    ::lseek(in.get(), 0, SEEK_SET);
    Cancel cancel;
    return pack_layer(in.get(), dir_ + "/" + name, GetParam(), cancel);
  }

  std::string dir_;
};

TEST_P(LayerPacker, what_it_packs_others_unpack) {
  const std::string program = std::string(GetParam()) == "zstd" ? "zstd" : "gzip";
  for (std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{1} << 20, (std::size_t{5} << 20) + 7}) {
    const auto bytes = sample(size);
    const auto name = std::to_string(size);
    const auto file = pack(bytes, name);
    EXPECT_EQ(test::run({program, "-dc", file.path}).out, bytes) << size;
    EXPECT_EQ(file.size, std::filesystem::file_size(file.path));
    if (size > 1000) {
      EXPECT_LT(file.size, size / 2);
    }
  }
}

TEST_P(LayerPacker, the_same_layer_becomes_the_same_blob) {
  const auto bytes = sample(3 << 20);
  EXPECT_EQ(pack(bytes, "a").digest, pack(bytes, "b").digest);
}

TEST_P(LayerPacker, unpacks_with_our_own_inflate) {
  const auto bytes = sample((2 << 20) + 1);
  const auto packed = read_file(pack(bytes, "a").path);
  std::size_t at = 0;
  std::string out;
  images::decompress(
      [&](char* buffer, std::size_t size) {
        size = std::min({size, packed.size() - at, std::size_t{1000}}); // small pieces: every state is cut somewhere
        packed.copy(buffer, size, at);
        at += size;
        return size;
      },
      [&](std::string_view piece) {
        out += piece;
        return true;
      });
  EXPECT_EQ(out, bytes);
}

INSTANTIATE_TEST_SUITE_P(All, LayerPacker, testing::Values("gzip", "zstd"),
                         [](const auto& param) { return std::string(param.param); });

} // namespace
} // namespace gantry::registry
