#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "fixture.hpp"

namespace gantry::storage_overlay::test {
namespace {

using ::testing::HasSubstr;
namespace stdfs = std::filesystem;

/// A file beside the state directory that no tar may reach.
class HostileTar : public OverlayTest {
 protected:
  void SetUp() override {
    OverlayTest::SetUp();
    if (IsSkipped()) return;
    victim_ = stdfs::path(dir_).parent_path() / "victim";
    stdfs::create_directory(victim_);
    std::ofstream(victim_ + "/file") << "untouched";
  }
  void TearDown() override {
    if (!victim_.empty()) {
      EXPECT_EQ(read(victim_ + "/file"), "untouched");
      EXPECT_EQ(stat_of(victim_ + "/file").st_nlink, 1U);
      EXPECT_EQ(std::distance(stdfs::directory_iterator(victim_), {}), 1);
    }
    OverlayTest::TearDown();
  }
  void accept(const std::vector<Item>& items) {
    driver_->prepare(call_, "k", "", {});
    apply("k", make_tar(items));
  }
  std::string victim_;
};

TEST_F(HostileTar, dot_dot_is_refused) {
  EXPECT_EQ(refusal(make_tar({{"../../../victim/file", "x"}})), "entry '../../../victim/file' leads out of the layer");
  EXPECT_EQ(refusal(make_tar({{"a/../../x", "x"}})), "entry 'a/../../x' leads out of the layer");
}

TEST_F(HostileTar, absolute_names_stay_inside) {
  accept({{victim_ + "/file", "x"}});
  EXPECT_EQ(read(fs("k") + victim_ + "/file"), "x");
}

TEST_F(HostileTar, a_planted_link_does_not_lead_out) {
  EXPECT_THAT(refusal(make_tar({{.path = "x", .symlink = victim_}, {"x/file", "evil"}})), HasSubstr("entry 'x'"));
  EXPECT_THAT(refusal(make_tar({{.path = "x", .symlink = "../../../victim"}, {"x/file", "evil"}})), HasSubstr("entry 'x'"));
}

TEST_F(HostileTar, a_link_is_replaced_not_written_through) {
  accept({{.path = "x", .symlink = victim_ + "/file"}, {"x", "new"}});
  EXPECT_EQ(read(fs("k") + "/x"), "new");
}

TEST_F(HostileTar, links_inside_the_layer_are_followed) {
  accept({{"usr/lib/a", "1"}, {.path = "lib", .symlink = "/usr/lib"}, {"lib/b", "2"}});
  EXPECT_EQ(read(fs("k") + "/usr/lib/b"), "2");
}

TEST_F(HostileTar, hard_links_reach_this_layer_only) {
  EXPECT_EQ(refusal(make_tar({{.path = "x", .hardlink = victim_ + "/file"}})),
            "entry 'x' is a hard link to '" + victim_.substr(1) + "/file', which this layer does not have");
  EXPECT_EQ(refusal(make_tar({{.path = "x", .hardlink = "../../../victim/file"}})), "entry 'x' leads out of the layer");
  EXPECT_THAT(refusal(make_tar({{.path = "d", .symlink = victim_}, {.path = "x", .hardlink = "d/file"}})),
              HasSubstr("does not have"));
}

TEST_F(HostileTar, a_hard_link_to_a_link_is_not_followed) {
  accept({{.path = "l", .symlink = victim_ + "/file"}, {.path = "x", .hardlink = "l"}, {"x", "new"}});
  EXPECT_TRUE(stdfs::is_symlink(fs("k") + "/l"));
}

TEST_F(HostileTar, whiteouts_cannot_lead_out) {
  for (const char* name : {".wh.", ".wh...", "a/.wh..", "a/.wh..."}) {
    EXPECT_THAT(refusal(make_tar({{name}})), HasSubstr("is a whiteout of nothing")) << name;
  }
  EXPECT_THAT(refusal(make_tar({{.path = "x", .symlink = victim_}, {"x/.wh.file"}})), HasSubstr("entry 'x'"));
}

TEST_F(HostileTar, a_file_in_place_of_the_root_is_refused) {
  EXPECT_THAT(refusal(make_tar({{".", "x"}})), HasSubstr("root of the layer"));
}

TEST_F(HostileTar, a_name_below_a_file_is_refused) {
  EXPECT_THAT(refusal(make_tar({{"a", "x"}, {"a/b", "y"}})), HasSubstr("entry 'a'"));
}

TEST_F(HostileTar, an_endless_name_is_refused) {
  EXPECT_THAT(refusal(make_tar({{std::string(300, 'n'), "x"}})), HasSubstr("File name too long"));
  std::string deep;
  for (int i = 0; i < 3000; ++i) deep += "d/";
  EXPECT_THAT(refusal(make_tar({{deep + "f", "x"}})), HasSubstr("File name too long"));
}

TEST_F(HostileTar, a_size_beyond_every_filesystem_is_refused) {
  EXPECT_THAT(refusal(make_tar({{.path = "bomb", .content = "x", .declared_size = INT64_MAX - 1}})), HasSubstr("'bomb'"));
}

TEST_F(HostileTar, an_impossible_owner_is_refused) {
  EXPECT_THAT(refusal(make_tar({{.path = "x", .uid = 5'000'000'000}})), HasSubstr("has owner 5000000000"));
}

TEST_F(HostileTar, a_truncated_tar_is_refused_with_the_entry) {
  const std::string tar = make_tar({{"first", std::string(5000, 'x')}});
  EXPECT_THAT(refusal(tar.substr(0, 2000)), HasSubstr("damaged layer after entry 'first'"));
}

TEST_F(HostileTar, garbage_is_no_tar) { EXPECT_THAT(refusal(std::string(4096, 'g')), HasSubstr("damaged layer")); }

TEST_F(HostileTar, random_damage_never_escapes_or_crashes) {
  const std::string good = make_tar({{.path = "d", .mode = S_IFDIR | 0755, .xattrs = {{"user.a", "b"}}},
                                     {"d/file", std::string(700, 'c')},
                                     {.path = "l", .symlink = victim_},
                                     {.path = "h", .hardlink = "d/file"},
                                     {"d/.wh.x"},
                                     {std::string(150, 'n') + "/" + std::string(120, 'm'), "long"},
                                     {.path = "s", .content = std::string(512, 's'), .declared_size = 1 << 20}});
  std::mt19937 random(20261123);
  for (int round = 0; round < 400; ++round) {
    std::string tar = good;
    for (unsigned n = 1 + random() % 4; n > 0; --n) tar[random() % tar.size()] = static_cast<char>(random());
    // A wrong checksum ends most headers early: repair it half of the time, so that the damage is looked at.
    for (std::size_t at = 0; round % 2 == 0 && at + 512 <= tar.size(); at += 512) {
      if (tar.compare(at + 257, 5, "ustar") != 0) continue;
      tar.replace(at + 148, 8, 8, ' ');
      unsigned sum = 0;
      for (std::size_t i = 0; i < 512; ++i) sum += static_cast<unsigned char>(tar[at + i]);
      char text[8];
      std::snprintf(text, sizeof text, "%06o", sum & 0777777);
      tar.replace(at + 148, 7, text, 7);
    }
    if (round % 5 == 0) tar.resize(random() % tar.size());
    driver_->prepare(call_, "fuzz", "", {});
    try {
      apply("fuzz", tar);
    } catch (const Error& error) {
      EXPECT_TRUE(error.code() == Code::invalid || error.code() == Code::resource_exhausted) << error.what();
    }
    driver_->remove(call_, "fuzz");
  }
}

} // namespace
} // namespace gantry::storage_overlay::test
