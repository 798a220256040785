#include "containers/id_pool.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace gantry::containers {
namespace {

const IdSpace space{{0, 1000, 100}, {0, 5000, 100}};

TEST(IdPool, hands_out_what_nobody_has) {
  IdPool pool(space);
  const IdMaps one = pool.allocate("one", 40, {});
  EXPECT_EQ(one, (IdMaps{{{0, 1000, 40}}, {{0, 5000, 40}}}));
  const IdMaps two = pool.allocate("two", 40, {});
  EXPECT_EQ(two.uids.front().host_id, 1040U) << "the first is not stored yet and counts all the same";
  pool.settle("one");
  EXPECT_EQ(pool.allocate("three", 40, {}).uids.front().host_id, 1000U) << "the first was never stored";
}

TEST(IdPool, fills_gaps_and_ends_with_its_space) {
  IdPool pool(space);
  const std::vector<IdMaps> taken{{{{0, 1060, 40}}, {{0, 5060, 40}}}, {}, {{{0, 990, 30}}, {{0, 4990, 30}}}};
  EXPECT_EQ(pool.allocate("gap", 40, taken).uids.front().host_id, 1020U);
  try {
    pool.allocate("more", 1, taken);
    FAIL() << "nothing is left";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::unavailable);
    EXPECT_STREQ(error.what(), "no 1 ids are left for a user namespace in 1000-1099");
  }
}

} // namespace
} // namespace gantry::containers
