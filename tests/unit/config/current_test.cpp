#include "config/current.hpp"

#include <gtest/gtest.h>

using namespace gantry::config;

namespace {

TEST(CurrentConfig, reload_changes_only_what_may_change_while_the_daemon_runs) {
  Current current{Config{}};
  const auto before = current.get();
  Config fresh;
  fresh.debug = true;
  fresh.labels = {"a=b"};
  fresh.live_restore = true;
  fresh.max_concurrent_downloads = 7;
  fresh.data_root = "/elsewhere";
  current.reload(fresh);
  EXPECT_TRUE(current.get()->debug);
  EXPECT_TRUE(current.get()->live_restore);
  EXPECT_EQ(current.get()->labels, fresh.labels);
  EXPECT_EQ(current.get()->max_concurrent_downloads, 7);
  EXPECT_EQ(current.get()->data_root, "/var/lib/gantry");
  EXPECT_FALSE(before->debug);
}

} // namespace
