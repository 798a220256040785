// What a client may call its files: buildkit/sync/listing.hpp.
#include "buildkit/sync/listing.hpp"

#include <gtest/gtest.h>

namespace gantry::buildkit {
namespace {

fsutil::types::Stat file(const std::string& path, std::uint32_t bits = 0644, const std::string& link = "") {
  fsutil::types::Stat stat;
  stat.set_path(path);
  stat.set_mode(bits);
  stat.set_linkname(link);
  return stat;
}

fsutil::types::Stat directory(const std::string& path) { return file(path, mode::directory | 0755); }

TEST(Listing, takes_a_walk) {
  Listing listing;
  for (const auto& stat : {file(".x"), directory("a"), file("a/b"), directory("a/c"), file("a/c/d"), file("a/e"), file("a.txt"),
                           file("l", mode::symlink | 0777, "/etc/passwd"), file("m", 0644, "a/b")})
    EXPECT_NO_THROW(listing.add(stat)) << stat.path();
  EXPECT_EQ(listing.size(), 9u);
}

TEST(Listing, refuses_names_that_lead_elsewhere) {
  for (const std::string& name : std::vector<std::string>{"", "/", "/etc", "..", "../a", "a/../b", "./a", "a//b", "a/", ".",
                                                          "a/.", "a/..", std::string("a\0b", 3)}) {
    Listing listing;
    listing.add(directory("a"));
    EXPECT_THROW(listing.add(file(name)), std::runtime_error) << name;
  }
}

TEST(Listing, refuses_names_that_are_too_long) {
  Listing listing;
  EXPECT_THROW(listing.add(file(std::string(256, 'x'))), std::runtime_error);
  std::string deep;
  for (std::size_t i = 0; i < Listing::depth_max; ++i) {
    deep += (i == 0 ? "" : "/") + std::string("d");
    listing.add(directory(deep));
  }
  EXPECT_THROW(listing.add(directory(deep + "/d")), std::runtime_error);
}

TEST(Listing, refuses_the_wrong_order_and_repetitions) {
  const std::pair<const char*, const char*> pairs[] = {{"b", "a"}, {"a", "a"}, {"a.txt", "a"}};
  for (const auto& [first, second] : pairs) {
    Listing listing;
    listing.add(file(first));
    EXPECT_THROW(listing.add(file(second)), std::runtime_error) << first << " " << second;
  }
}

TEST(Listing, refuses_files_below_what_is_no_directory) {
  for (const auto& above : {file("a"), file("a", mode::symlink | 0777, "/etc"), file("a", mode::pipe)}) {
    Listing listing;
    listing.add(above);
    EXPECT_THROW(listing.add(file("a/b")), std::runtime_error);
  }
  Listing listing;
  EXPECT_THROW(listing.add(file("never/named")), std::runtime_error);
  Listing left;
  left.add(directory("a"));
  left.add(file("b"));
  EXPECT_THROW(left.add(file("a/late")), std::runtime_error);
}

TEST(Listing, refuses_links_that_cannot_be) {
  Listing listing;
  listing.add(directory("a"));
  EXPECT_THROW(listing.add(file("b", 0644, "never")), std::runtime_error);
  EXPECT_THROW(listing.add(file("c", 0644, "a")), std::runtime_error) << "a directory";
  EXPECT_THROW(listing.add(file("d", 0644, "../x")), std::runtime_error);
  EXPECT_THROW(listing.add(file("e", mode::symlink | 0777)), std::runtime_error) << "to nowhere";
  EXPECT_THROW(listing.add(file("f", mode::symlink | 0777, std::string(5000, 'x'))), std::runtime_error);
}

TEST(Listing, refuses_negative_sizes_and_too_many_attributes) {
  Listing listing;
  auto negative = file("a");
  negative.set_size(-1);
  EXPECT_THROW(listing.add(negative), std::runtime_error);
  auto many = file("b");
  many.add_xattrs()->set_value(std::string(2 << 20, 'x'));
  EXPECT_THROW(listing.add(many), std::runtime_error);
}

TEST(Paths, are_in_the_order_of_a_walk) {
  const char* sorted[] = {"a", "a/b", "a/b/c", "a/bc", "a-b", "a.txt", "ab"};
  for (std::size_t i = 0; i + 1 < std::size(sorted); ++i) {
    EXPECT_LT(compare_paths(sorted[i], sorted[i + 1]), 0) << sorted[i];
    EXPECT_GT(compare_paths(sorted[i + 1], sorted[i]), 0) << sorted[i];
    EXPECT_EQ(compare_paths(sorted[i], sorted[i]), 0);
  }
}

TEST(Modes, are_translated_both_ways) {
  for (const std::uint32_t bits : {0644u, 0755u, 04755u, 02755u, 01777u, 07777u}) EXPECT_EQ(unix_mode(go_mode(bits)), bits);
}

} // namespace
} // namespace gantry::buildkit
