#include "containers/selinux/categories.hpp"

#include <gtest/gtest.h>

#include <regex>

#include "base/error.hpp"

namespace gantry::containers::selinux {
namespace {

std::set<std::string> all_pairs() {
  std::set<std::string> pairs;
  for (unsigned low = 0; low < Categories::count; ++low)
    for (unsigned high = low + 1; high < Categories::count; ++high)
      pairs.emplace_hint(pairs.end(), "s0:c" + std::to_string(low) + ",c" + std::to_string(high));
  return pairs;
}

TEST(SelinuxCategories, are_pairs_of_different_ones_in_order) {
  Categories categories;
  const std::regex shape("s0:c([0-9]+),c([0-9]+)");
  for (int i = 0; i < 200; ++i) {
    const std::string level = categories.pick("x", {});
    std::smatch match;
    ASSERT_TRUE(std::regex_match(level, match, shape)) << level;
    EXPECT_LT(std::stoi(match[1]), std::stoi(match[2]));
    EXPECT_LT(std::stoi(match[2]), 1024);
  }
}

TEST(SelinuxCategories, find_the_last_free_pair_and_then_none) {
  auto taken = all_pairs();
  taken.erase("s0:c1021,c1023");
  taken.erase(Categories::reserved); // never handed out
  Categories categories;
  EXPECT_EQ(categories.pick("one", taken), "s0:c1021,c1023");
  try {
    categories.pick("two", taken);
    ADD_FAILURE() << "handed out twice before it was stored";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::unavailable);
  }
  categories.settle("one"); // never stored
  EXPECT_EQ(categories.pick("two", taken), "s0:c1021,c1023");
}

} // namespace
} // namespace gantry::containers::selinux
