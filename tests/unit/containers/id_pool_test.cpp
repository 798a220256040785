#include "containers/id_pool.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/error.hpp"
#include "containers/namespace_join.hpp"

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

TEST(JoinedNamespace, is_never_that_of_a_process_which_has_the_pid_by_now) {
  Container other;
  other.id = "3ba64eeca0ff96216f91547d00e497b675aaa2d72de2bb545ca95d0dcac50472";
  other.pid = ::getpid(); // alive, and in no cgroup of that container
  EXPECT_THROW(open_namespace(other, "net"), Error);
  other.pid = 0;
  EXPECT_THROW(open_namespace(other, "net"), Error);
}

} // namespace
} // namespace gantry::containers
