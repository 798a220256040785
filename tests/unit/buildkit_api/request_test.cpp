// Frontend attributes as parameters of POST /build: buildkit/solve/request.hpp.
#include "buildkit/solve/request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "buildkit/encoding.hpp"

namespace gantry::buildkit {
namespace {

using testing::HasSubstr;
using testing::Not;

BuildWish wish_with(Attributes attributes) {
  BuildWish wish;
  wish.ref = "ref";
  wish.frontend = "dockerfile.v0";
  wish.attributes = std::move(attributes);
  return wish;
}

std::string parameters(Attributes attributes) { return parameters_of(wish_with(std::move(attributes))).text(); }

TEST(Parameters, are_translated) {
  const std::pair<Attributes, std::string> rows[] = {
      {{{"target", "web"}}, "target=web"},
      {{{"build-arg:A", "1"}}, "buildargs=" + url_encode(R"({"A":"1"})")},
      {{{"label:l", "x y"}}, "labels=" + url_encode(R"({"l":"x y"})")},
      {{{"no-cache", ""}}, "nocache=1"},
      {{{"image-resolve-mode", "pull"}}, "pull=1"},
      {{{"add-hosts", "a=1.2.3.4,b=::1"}}, "extrahosts=a%3A1.2.3.4&extrahosts=b%3A%3A%3A1"},
      {{{"force-network-mode", "none"}}, "networkmode=none"},
      {{{"shm-size", "1024"}}, "shmsize=1024"},
      {{{"cgroup-parent", "/x"}}, "cgroupparent=%2Fx"},
      {{{"platform", "linux/arm64"}}, "platform=linux%2Farm64"},
      {{{"ulimit", "nofile=1:2"}}, "ulimits=" + url_encode(R"([{"Name":"nofile","Soft":1,"Hard":2}])")},
      {{{"cache-from", "a,b:1"}}, "cachefrom=" + url_encode(R"(["a","b:1"])")},
      {{{"cache-imports", R"([{"Type":"registry","Attrs":{"ref":"c"}},{"Type":"local","Attrs":{"src":"/"}}])"}},
       "cachefrom=" + url_encode(R"(["c"])")},
      {{{"context:base", "docker-image://x"}}, "buildcontexts=" + url_encode(R"({"base":"docker-image://x"})")},
      {{{"context:src::linux/amd64", "local:src"}}, "buildcontexts=" + url_encode(R"({"src":"session"})")},
  };
  for (const auto& [attributes, expected] : rows) EXPECT_THAT(parameters(attributes), HasSubstr(expected));
  EXPECT_THAT(parameters({{"image-resolve-mode", "default"}}), Not(HasSubstr("pull=1")));
}

TEST(Parameters, say_what_is_allowed_and_that_the_cache_goes_into_the_image) {
  BuildWish wish = wish_with({});
  wish.entitlements = {"network.host"};
  wish.cache_exports = {{"inline", {}}};
  const std::string text = parameters_of(wish).text();
  EXPECT_THAT(text, HasSubstr("allow=network.host"));
  EXPECT_THAT(text, HasSubstr(url_encode(R"({"BUILDKIT_INLINE_CACHE":"1"})")));
}

TEST(Parameters, that_make_no_sense_are_refused) {
  for (const Attributes& attributes :
       {Attributes{{"add-hosts", "nohost"}}, Attributes{{"ulimit", "nofile"}}, Attributes{{"ulimit", "nofile=x"}},
        Attributes{{"force-network-mode", "bridge"}}, Attributes{{"context:x", "input:y"}},
        Attributes{{"context:x", "oci-layout://y@sha256:1"}}, Attributes{{"context:x", "/etc"}}})
    EXPECT_THROW((void)parameters(attributes), std::runtime_error) << attributes.begin()->second;
}

TEST(Wishes, that_this_daemon_does_not_do_are_refused) {
  EXPECT_NO_THROW(check_wish(wish_with({{"platform", "linux/amd64"}})));
  BuildWish gateway = wish_with({});
  gateway.frontend = "gateway.v0";
  BuildWish registry_cache = wish_with({});
  registry_cache.cache_exports = {{"registry", {{"ref", "x"}}}};
  for (const BuildWish& wish :
       {gateway, registry_cache, wish_with({{"platform", "linux/amd64,linux/arm64"}}), wish_with({{"input:x", "y"}})})
    EXPECT_THROW(check_wish(wish), std::runtime_error);
}

TEST(Sources, are_the_sessions_unless_said_otherwise) {
  const Sources plain = sources_of(wish_with({{"filename", "F"}, {"context:src", "local:src-dir"}}));
  EXPECT_EQ(plain.dockerfile, "F");
  EXPECT_EQ(plain.context_local, "context");
  EXPECT_EQ(plain.dockerfile_local, "dockerfile");
  EXPECT_EQ(plain.locals.at("src"), "src-dir");
  EXPECT_EQ(sources_of(wish_with({{"context", "https://x/y.git#z"}})).remote, "https://x/y.git#z");
  EXPECT_EQ(sources_of(wish_with({{"context", "http://buildkit-session/abc"}})).upload, "/abc");
  EXPECT_TRUE(sources_of(wish_with({{"context", "http://buildkit-session/abc"}})).remote.empty());
}

TEST(Lists, are_csv) {
  EXPECT_THAT(split_list(""), testing::IsEmpty());
  EXPECT_THAT(split_list("a,b"), testing::ElementsAre("a", "b"));
  EXPECT_THAT(split_list(R"("a,b",c,"d ""e""")"), testing::ElementsAre("a,b", "c", "d \"e\""));
}

TEST(Parameters, have_so_many_caches_and_no_more) {
  BuildWish wish;
  for (int i = 0; i < 1000; ++i) wish.cache_imports.push_back({"registry", {{"ref", "the-same"}}});
  EXPECT_NO_THROW((void)parameters_of(wish));
  for (int i = 0; i < 64; ++i) wish.cache_imports.push_back({"registry", {{"ref", "image-" + std::to_string(i)}}});
  EXPECT_THROW((void)parameters_of(wish), std::runtime_error);
}

} // namespace
} // namespace gantry::buildkit
