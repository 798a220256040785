// What is kept of builds, and for how long: buildkit/solve/build.hpp, buildkit/post_build/post_jobs.hpp.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "buildkit/post_build/post_jobs.hpp"
#include "buildkit/services/usage_filter.hpp"
#include "buildkit/session/sessions.hpp"
#include "buildkit/solve/build.hpp"
#include "buildkit/solve/run.hpp"

namespace gantry::buildkit {
namespace {

class Kept : public testing::Test {
 protected:
  std::shared_ptr<Build> make(const std::string& ref) {
    BuildWish wish;
    wish.ref = ref;
    return std::make_shared<Build>(daemon, sessions, wish);
  }
  static Solved of_size(std::size_t bytes) { return {nullptr, {{"x", std::string(bytes, 'x')}}}; }

  Daemon daemon{-1};
  Sessions sessions;
  Builds builds;
};

TEST_F(Kept, results_go_with_the_build) {
  const auto build = make("a");
  builds.add(build);
  const std::string id = build->keep(of_size(1));
  EXPECT_TRUE(build->kept(id));
  builds.end("a");
  EXPECT_FALSE(build->kept(id));
  EXPECT_THROW(build->keep(of_size(1)), Cancelled);
  EXPECT_EQ(builds.find("a", [] { return false; }), build) << "its progress is there a little longer";
}

TEST_F(Kept, results_are_bounded_together) {
  const auto one = make("1");
  one->keep(of_size(40 << 20));
  EXPECT_THROW(one->keep(of_size(40 << 20)), BuildFailed);
  std::vector<std::shared_ptr<Build>> more;
  const auto fill = [&] {
    for (int i = 0; i < 8; ++i) {
      more.push_back(make("more"));
      more.back()->keep(of_size(40 << 20));
    }
  };
  EXPECT_THROW(fill(), BuildFailed) << "of all builds";
  more.clear();
  EXPECT_NO_THROW(make("2")->keep(of_size(40 << 20))) << "what has gone does not count";
}

TEST_F(Kept, a_build_whose_client_never_calls_ends) {
  EXPECT_THROW(make("a")->wait_for_end(std::chrono::milliseconds(60), std::chrono::hours(1)), BuildFailed);
  const auto build = make("b");
  { const Build::Call call(build); }
  EXPECT_THROW(build->wait_for_end(std::chrono::hours(1), std::chrono::milliseconds(60)), BuildFailed);
}

UniqueFd some_fd() { return UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

TEST(PostJobs, that_no_build_comes_for_go) {
  PostJobs jobs;
  for (std::size_t i = 0; i < PostJobs::early_max; ++i) EXPECT_TRUE(jobs.upload(std::to_string(i), some_fd()));
  EXPECT_FALSE(jobs.upload("one too many", some_fd()));
  const PostJobs::Hold build(jobs, "held");
  EXPECT_TRUE(jobs.upload("held", some_fd())) << "builds get theirs all the same";
  jobs.sweep(PostJobs::Clock::now() + PostJobs::patience + std::chrono::seconds(1));
  EXPECT_EQ(jobs.size(), 1u);
  EXPECT_TRUE(jobs.wait_for_upload(build.job()));
  EXPECT_TRUE(jobs.upload("another", some_fd()));
}

TEST(PostJobs, are_not_forgotten_while_a_build_holds_them) {
  PostJobs jobs;
  EXPECT_TRUE(jobs.upload("a", some_fd()));
  {
    const PostJobs::Hold one(jobs, "a");
    jobs.forget("a");
    EXPECT_TRUE(jobs.wait_for_upload(one.job()));
  }
  EXPECT_EQ(jobs.size(), 0u);
  EXPECT_TRUE(jobs.upload("b", some_fd()));
  jobs.forget("b");
  EXPECT_EQ(jobs.size(), 0u);
}

TEST(PostJobs, wake_up_when_they_are_cancelled) {
  PostJobs jobs;
  const PostJobs::Hold build(jobs, "a");
  std::thread canceller([&] { jobs.cancel("a"); });
  const auto begin = PostJobs::Clock::now();
  EXPECT_THROW(jobs.wait_for_upload(build.job()), Cancelled);
  EXPECT_LT(PostJobs::Clock::now() - begin, std::chrono::seconds(3));
  canceller.join();
}

TEST(UsageFilters, keep_all_letters_of_an_id) {
  EXPECT_TRUE(passes("id=d12", "d123", "regular"));
  EXPECT_FALSE(passes("id=d12", "12", "regular"));
  EXPECT_TRUE(passes("id~=^id", "id1", "regular"));
  EXPECT_TRUE(passes("id~=23", "d123", "regular"));
  EXPECT_TRUE(passes("id==d123", "d123", "regular"));
  EXPECT_FALSE(passes("id==d12", "d123", "regular"));
  EXPECT_TRUE(passes("id", "d123", "regular"));
  EXPECT_TRUE(passes("id=", "d123", "regular"));
  EXPECT_TRUE(passes("type==regular", "d", "regular"));
  EXPECT_FALSE(passes("type==x", "d", "regular"));
  EXPECT_THROW((void)passes("idle=1", "d", "regular"), std::runtime_error);
}

TEST(Sessions, know_their_headers_in_any_case) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const UniqueFd other(ends[1]);
  const Session session({{"x-docker-expose-session-uuid", {"u"}}, {"X-DOCKER-EXPOSE-SESSION-GRPC-METHOD", {"/A.b/C"}}},
                        UniqueFd(ends[0]));
  EXPECT_EQ(session.id(), "u");
  EXPECT_TRUE(session.serves("/a.B/c"));
}

} // namespace
} // namespace gantry::buildkit
