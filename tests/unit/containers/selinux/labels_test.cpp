#include "containers/selinux/labels.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "containers/selinux/context.hpp"

namespace gantry::containers::selinux {
namespace {

const Policy policy{"system_u:system_r:container_t:s0", "system_u:object_r:container_file_t:s0"};

std::string fresh() { return "s0:c1,c2"; }

std::string none_needed() {
  ADD_FAILURE() << "no level is needed";
  return "";
}

TEST(SelinuxContext, is_three_parts_and_a_level_with_colons) {
  const auto context = parse_context("u:r:t:s0-s0:c0.c1023");
  ASSERT_TRUE(context);
  EXPECT_EQ(context->type, "t");
  EXPECT_EQ(context->level, "s0-s0:c0.c1023");
  EXPECT_EQ(context->text(), "u:r:t:s0-s0:c0.c1023");
  EXPECT_EQ(parse_context("u:r:t")->text(), "u:r:t");
  for (const char* bad : {"", "u", "u:r", "u::t", ":r:t", "u:r:"}) EXPECT_FALSE(parse_context(bad)) << bad;
}

struct LabelRow {
  const char* name;
  StringList options;
  const char *process, *mount;
};

class SelinuxLabels : public testing::TestWithParam<LabelRow> {};

TEST_P(SelinuxLabels, follow_the_options) {
  const Labels labels = make_labels(policy, GetParam().options, fresh);
  EXPECT_EQ(labels.process, GetParam().process);
  EXPECT_EQ(labels.mount, GetParam().mount);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, SelinuxLabels,
    testing::Values(
        LabelRow{"none", {}, "system_u:system_r:container_t:s0:c1,c2", "system_u:object_r:container_file_t:s0:c1,c2"},
        LabelRow{"type", {"type:spc_t"}, "system_u:system_r:spc_t:s0:c1,c2", "system_u:object_r:container_file_t:s0:c1,c2"},
        LabelRow{"file_type", {"filetype:f_t"}, "system_u:system_r:container_t:s0:c1,c2", "system_u:object_r:f_t:s0:c1,c2"},
        LabelRow{"user_and_role", {"user:u", "role:r"}, "u:r:container_t:s0:c1,c2", "u:object_r:container_file_t:s0:c1,c2"},
        LabelRow{
            "level", {"level:s0:c3,c4"}, "system_u:system_r:container_t:s0:c3,c4", "system_u:object_r:container_file_t:s0:c3,c4"},
        LabelRow{"the_last_counts",
                 {"type:a", "type:b"},
                 "system_u:system_r:b:s0:c1,c2",
                 "system_u:object_r:container_file_t:s0:c1,c2"},
        LabelRow{"disable", {"type:a", "disable", "nonsense"}, "", "system_u:object_r:container_file_t:s0:c1022,c1023"},
        LabelRow{"nested", {"nested"}, "system_u:system_r:container_t:s0:c1,c2", "system_u:object_r:container_file_t:s0:c1,c2"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(SelinuxLabels, are_refused_in_dockers_words) {
  for (const char* bad :
       {"", "type", "nosuch:x", "type:", "level:", "type:a\"b", "type:a,upperdir=/etc", "filetype:a:b", "level:s0 x"}) {
    try {
      make_labels(policy, {bad}, fresh);
      ADD_FAILURE() << "taken: " << bad;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Code::invalid);
      EXPECT_EQ(e.what(), "bad label option \"" + std::string(bad) +
                              "\", valid options 'disable' or \n'user, role, level, type, filetype' followed by ':' and a value");
    }
  }
}

TEST(SelinuxLabels, are_empty_without_a_policy_whatever_the_options_say) {
  const Labels labels = make_labels({}, {"nonsense"}, none_needed);
  EXPECT_EQ(labels.process + labels.mount, "");
}

TEST(SelinuxLabels, have_no_level_where_the_policy_has_none) {
  const Policy plain{"u:r:container_t", "u:object_r:container_file_t"};
  EXPECT_EQ(make_labels(plain, {}, none_needed).process, "u:r:container_t");
  EXPECT_EQ(make_labels(plain, {"disable"}, none_needed).mount, "u:object_r:container_file_t");
  EXPECT_EQ(shared_label("u:object_r:container_file_t"), "u:object_r:container_file_t");
}

TEST(SelinuxLabels, can_be_given_to_another_container) {
  const Labels labels = make_labels(policy, {"type:x_t"}, fresh);
  EXPECT_EQ(make_labels(policy, same_label(labels.process), [] { return "s0:c8,c9"; }).process, labels.process);
  EXPECT_TRUE(same_label("").empty());
  EXPECT_EQ(shared_label(labels.mount), "system_u:object_r:container_file_t:s0");
}

} // namespace
} // namespace gantry::containers::selinux
