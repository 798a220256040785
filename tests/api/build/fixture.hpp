#pragma once

#include <sstream>

#include "base/json.hpp"
#include "support/api_test.hpp"
#include "support/rootfs.hpp"
#include "unit/images/archive_builder.hpp"

namespace gantry::test {

/// A daemon with the image "busybox".
class BuildTest : public ApiTest {
 protected:
  void SetUp() override {
    if (auto why = need_busybox(); !why.empty()) GTEST_SKIP() << why;
    ApiTest::SetUp();
    if (!IsSkipped()) import_busybox(daemon());
  }

  /// The story of a build without a network; the context has a file "a".
  std::string build(const std::string& dockerfile, const std::string& query = "", const std::string& file = "x") {
    return client()
        .request("POST", "/v1.41/build?networkmode=none&forcerm=1" + query, {{"Content-Type", "application/x-tar"}},
                 TarBuilder().file("Dockerfile", dockerfile).file("a", file).finish())
        .body;
  }
  Json get(const std::string& target) { return Json::parse(client().get(target).body); }
};

} // namespace gantry::test
