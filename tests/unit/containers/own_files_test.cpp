#include "containers/own_files.hpp"

#include <gmock/gmock.h>

namespace gantry::test {
namespace {

using containers::own_paths;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr auto added = ChangeKind::added;
constexpr auto modified = ChangeKind::modified;

TEST(OwnFiles, mount_points_that_the_image_lacked_are_the_engines) {
  EXPECT_THAT(own_paths({{"/.dockerenv", added},
                         {"/dev", added},
                         {"/etc", added},
                         {"/etc/hosts", added},
                         {"/proc", added},
                         {"/sys", added},
                         {"/tmp", added}}),
              ElementsAre("/.dockerenv", "/dev", "/etc", "/etc/hosts", "/proc", "/sys"));
}

TEST(OwnFiles, a_directory_that_changed_only_because_of_them_is_left_out_too) {
  EXPECT_THAT(own_paths({{"/etc", modified}, {"/etc/resolv.conf", added}}), ElementsAre("/etc", "/etc/resolv.conf"));
}

TEST(OwnFiles, a_directory_with_something_of_the_users_stays) {
  EXPECT_THAT(own_paths({{"/etc", modified}, {"/etc/hosts", added}, {"/etc/mine", added}}), ElementsAre("/etc/hosts"));
  EXPECT_THAT(own_paths({{"/dev", added}, {"/dev/mine", added}}), IsEmpty());
}

TEST(OwnFiles, what_the_user_changed_or_deleted_stays) {
  EXPECT_THAT(own_paths({{"/etc", modified}, {"/etc/passwd", modified}}), IsEmpty());
  EXPECT_THAT(own_paths({{"/etc", modified}}), IsEmpty());
  EXPECT_THAT(own_paths({{"/sys", ChangeKind::deleted}, {"/proc", modified}}), IsEmpty());
}

} // namespace
} // namespace gantry::test
