#include "build/copy/chmod.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace gantry::build {
namespace {

TEST(Chmod, changes_modes_as_chmod_does) {
  struct Row {
    const char* text;
    mode_t before;
    bool directory;
    mode_t after;
  };
  for (const auto& row : std::initializer_list<Row>{{"755", 0600, false, 0755},
                                                    {"04711", 0600, false, 04711},
                                                    {"0", 0777, true, 0},
                                                    {"u=rwX,go=rX", 0600, false, 0644},
                                                    {"u=rwX,go=rX", 0700, false, 0755},
                                                    {"u=rwX,go=rX", 0600, true, 0755},
                                                    {"+x", 0644, false, 0755},
                                                    {"a-w", 0666, false, 0444},
                                                    {"go-rwx", 0777, false, 0700},
                                                    {"g=u", 0640, false, 0660},
                                                    {"o=g,g=", 0750, false, 0705},
                                                    {"u+s,+t", 0755, true, 05755},
                                                    {"g+s", 0755, true, 02755},
                                                    {"a=", 0777, false, 0},
                                                    {"u+x-w", 0600, false, 0500},
                                                    {"a=rx", 01777, true, 01555}})
    EXPECT_EQ(ModeChange(row.text).apply(row.before, row.directory), row.after) << row.text;
}

TEST(Chmod, refuses_what_is_no_mode) {
  for (const std::string text : {"", "9", "10000", "-1", "u", "u~x", "x", "u=rwz", "u=rw,", ",", "0x1ff", "755 ", "u==r,q"}) {
    try {
      (void)ModeChange(text);
      ADD_FAILURE() << text;
    } catch (const Error& e) {
      EXPECT_EQ(e.what(), "invalid chmod parameter: '" + text + "'. it should be octal string and between 0 and 07777");
    }
  }
}

} // namespace
} // namespace gantry::build
