#include "api/router.hpp"

#include <gtest/gtest.h>

namespace gantry::api {
namespace {

Task<void> first(Services&, Request&, Reply&) { co_return; }
Task<void> second(Services&, Request&, Reply&) { co_return; }

std::string param(const Router::Match& match, const std::string& name) {
  for (const auto& [key, value] : match.params)
    if (key == name) return value;
  return "(none)";
}

TEST(Router, matches_one_segment_per_parameter) {
  Router router;
  router.add(Method::post, "/containers/{id}/start", first);
  const auto found = router.match(Method::post, "/containers/abc/start", newest_version);
  ASSERT_NE(found.route, nullptr);
  EXPECT_EQ(param(found, "id"), "abc");
  EXPECT_EQ(router.match(Method::post, "/containers/a/b/start", newest_version).route, nullptr);
  EXPECT_EQ(router.match(Method::post, "/containers//start", newest_version).route, nullptr);
  EXPECT_EQ(router.match(Method::post, "/containers/abc/start/", newest_version).route, nullptr);
}

TEST(Router, greedy_names_take_slashes_colons_and_digests) {
  Router router;
  router.add(Method::get, "/images/{name...}/json", first);
  for (const std::string name : {"busybox", "library/busybox", "localhost:5000/a/b:tag", "x@sha256:0123", "json", "json/json"}) {
    const auto found = router.match(Method::get, "/images/" + name + "/json", newest_version);
    ASSERT_NE(found.route, nullptr) << name;
    EXPECT_EQ(param(found, "name"), name);
  }
  EXPECT_EQ(router.match(Method::get, "/images/json", newest_version).route, nullptr);
}

TEST(Router, a_greedy_name_may_end_the_path) {
  Router router;
  router.add(Method::del, "/images/{name...}", first);
  EXPECT_EQ(param(router.match(Method::del, "/images/a/b:c", newest_version), "name"), "a/b:c");
  EXPECT_EQ(router.match(Method::del, "/images/", newest_version).route, nullptr);
}

TEST(Router, a_fixed_path_wins_over_parameters_added_before) {
  Router router;
  router.add(Method::get, "/networks/{id}", first);
  router.add(Method::get, "/networks/all", second);
  EXPECT_EQ(router.match(Method::get, "/networks/all", newest_version).route->handler, second);
  EXPECT_EQ(router.match(Method::get, "/networks/x", newest_version).route->handler, first);
}

TEST(Router, another_method_does_not_match) {
  Router router;
  router.add(Method::get, "/info", first);
  EXPECT_EQ(router.match(Method::post, "/info", newest_version).route, nullptr);
  EXPECT_EQ(router.match(Method::head, "/info", newest_version).route, nullptr);
}

TEST(Router, a_route_is_unknown_before_its_version) {
  Router router;
  router.add(Method::post, "/containers/prune", first, {Body::memory, {1, 25}});
  EXPECT_EQ(router.match(Method::post, "/containers/prune", {1, 24}).route, nullptr);
  EXPECT_NE(router.match(Method::post, "/containers/prune", {1, 25}).route, nullptr);
}

TEST(SplitVersion, takes_the_prefix_off) {
  const auto split = split_version("/v1.44/containers/json");
  EXPECT_EQ(split.version, (ApiVersion{1, 44}));
  EXPECT_EQ(split.path, "/containers/json");
}

TEST(SplitVersion, no_prefix_means_the_newest) {
  EXPECT_EQ(split_version("/version").version, newest_version);
  EXPECT_EQ(split_version("/version").path, "/version");
  EXPECT_EQ(split_version("/v1.x/info").path, "/v1.x/info");
  EXPECT_EQ(split_version("/v1.44").path, "/v1.44");
}

} // namespace
} // namespace gantry::api
