#include "state/lock_file.hpp"

#include <unistd.h>

#include <optional>

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "unit/base/temp_dir.hpp"

using namespace gantry;

namespace {

TEST(LockFile, belongs_to_one_daemon_and_names_it) {
  const test::TempDir dir;
  std::optional<state::LockFile> first(dir / "lock");
  try {
    state::LockFile second(dir / "lock");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(std::string(e.what()), "data root " + dir.path() + " is in use by another gantryd (pid " +
                                         std::to_string(::getpid()) + "): choose another --data-root");
  }
  first.reset();
  EXPECT_NO_THROW(state::LockFile(dir / "lock"));
}

} // namespace
