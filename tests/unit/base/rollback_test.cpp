#include "base/rollback.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

using gantry::Rollback;

namespace {

TEST(Rollback, undoes_in_reverse_and_survives_a_failing_step) {
  std::string order;
  {
    Rollback rollback;
    rollback.add("a", [&] { order += 'a'; });
    rollback.add("b", [] { throw std::runtime_error("no"); });
    rollback.add("c", [&] { order += 'c'; });
  }
  EXPECT_EQ(order, "ca");
}

TEST(Rollback, does_nothing_once_dismissed) {
  int undone = 0;
  {
    Rollback rollback;
    rollback.add("a", [&] { ++undone; });
    rollback.dismiss();
  }
  EXPECT_EQ(undone, 0);
}

TEST(Rollback, moves_its_steps) {
  int undone = 0;
  {
    Rollback first;
    first.add("a", [&] { ++undone; });
    Rollback second(std::move(first));
  }
  EXPECT_EQ(undone, 1);
}

} // namespace
