#include "containers/spec/capabilities.hpp"

#include <gmock/gmock.h>

#include "sample.hpp"

namespace gantry::containers::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

std::vector<std::string> capabilities(StringList add, StringList drop, bool privileged = false) {
  HostConfig host;
  host.cap_add = std::move(add);
  host.cap_drop = std::move(drop);
  host.privileged = privileged;
  return container_capabilities(host, sample_context());
}

TEST(Capabilities, are_dockers_fourteen_by_default) {
  EXPECT_THAT(capabilities({}, {}), SizeIs(14));
  EXPECT_THAT(capabilities({}, {}), Contains("CAP_NET_RAW"));
  EXPECT_THAT(capabilities({}, {}), Not(Contains("CAP_SYS_ADMIN")));
}

TEST(Capabilities, are_added_with_or_without_prefix_in_any_case) {
  EXPECT_THAT(capabilities({"sys_admin"}, {}), Contains("CAP_SYS_ADMIN"));
  EXPECT_THAT(capabilities({"CAP_Sys_Admin"}, {}), Contains("CAP_SYS_ADMIN"));
}

TEST(Capabilities, all_is_what_the_daemon_has) { EXPECT_THAT(capabilities({"ALL"}, {"NET_RAW"}), SizeIs(14)); }

TEST(Capabilities, dropping_all_leaves_what_is_added) {
  EXPECT_THAT(capabilities({}, {"all"}), IsEmpty());
  EXPECT_THAT(capabilities({"chown"}, {"ALL"}), ElementsAre("CAP_CHOWN"));
}

TEST(Capabilities, privileged_grants_all_and_ignores_drops) { EXPECT_THAT(capabilities({}, {"CHOWN"}, true), SizeIs(15)); }

TEST(Capabilities, unknown_names_are_refused_in_dockers_words) {
  EXPECT_EQ(refusal([] { capabilities({"FOO"}, {}); }), "invalid CapAdd: unknown capability: \"CAP_FOO\"");
  EXPECT_EQ(refusal([] { capabilities({}, {"foo"}); }), "invalid CapDrop: unknown capability: \"CAP_FOO\"");
  EXPECT_EQ(refusal([] { capabilities({"CAP_ALL"}, {}); }), "invalid CapAdd: unknown capability: \"CAP_ALL\"");
}

TEST(Capabilities, what_the_daemon_lacks_cannot_be_added) {
  EXPECT_THAT(refusal([] { capabilities({"SYS_MODULE"}, {}); }), ::testing::HasSubstr("\"CAP_SYS_MODULE\""));
}

} // namespace
} // namespace gantry::containers::test
