#include "api/mailbox.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

namespace gantry::api {
namespace {

using testing::ElementsAre;

Task<void> drain(Mailbox<int>& box, std::vector<int>& got) {
  for (;;) {
    const std::vector<int> batch = co_await box.take();
    if (batch.empty()) co_return;
    got.insert(got.end(), batch.begin(), batch.end());
  }
}

TEST(Mailbox, keeps_order_across_threads_until_it_is_closed) {
  boost::asio::io_context io;
  Mailbox<int> box;
  std::vector<int> got;
  boost::asio::co_spawn(io, drain(box, got), boost::asio::detached);
  Pool pool(1);
  boost::asio::post(pool.executor(), [&box] {
    for (int i = 0; i < 1000; ++i) box.push(i);
    box.close();
  });
  io.run();
  ASSERT_EQ(got.size(), 1000U);
  EXPECT_TRUE(std::is_sorted(got.begin(), got.end()));
}

TEST(Mailbox, drops_what_comes_after_the_end) {
  boost::asio::io_context io;
  Mailbox<int> box;
  box.push(1);
  box.close();
  box.push(2);
  std::vector<int> got;
  boost::asio::co_spawn(io, drain(box, got), boost::asio::detached);
  io.run();
  EXPECT_THAT(got, ElementsAre(1));
}

} // namespace
} // namespace gantry::api
