#include "containers/health/probe_target.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"

namespace gantry::containers {
namespace {

using ::testing::ElementsAre;
using Kind = ProbeTarget::Kind;

struct Good {
  const char* url;
  Kind kind;
  std::vector<std::string> addresses;
  int port;
  const char* path;
};
void PrintTo(const Good& row, std::ostream* out) { *out << row.url; }

class ProbeTargets : public ::testing::TestWithParam<Good> {};

TEST_P(ProbeTargets, are_read) {
  const ProbeTarget target = parse_probe_target(GetParam().url);
  EXPECT_EQ(target.kind, GetParam().kind);
  EXPECT_EQ(target.addresses, GetParam().addresses);
  EXPECT_EQ(target.port, GetParam().port);
  EXPECT_EQ(target.path, GetParam().path);
  EXPECT_EQ(target.url, GetParam().url);
}

INSTANTIATE_TEST_SUITE_P(Urls, ProbeTargets,
                         ::testing::Values(Good{"tcp://:5432", Kind::tcp, {"127.0.0.1", "::1"}, 5432, "/"},
                                           Good{"tcp://localhost:1", Kind::tcp, {"127.0.0.1", "::1"}, 1, "/"},
                                           Good{"http://:8080/healthz", Kind::http, {"127.0.0.1", "::1"}, 8080, "/healthz"},
                                           Good{"http://10.0.0.7", Kind::http, {"10.0.0.7"}, 80, "/"},
                                           Good{"http://[fe80::1]:65535/a/b?c=d&e", Kind::http, {"fe80::1"}, 65535, "/a/b?c=d&e"},
                                           Good{"http://:80?x", Kind::http, {"127.0.0.1", "::1"}, 80, "/?x"}));

class BadProbeTargets : public ::testing::TestWithParam<std::pair<std::string, const char*>> {};

TEST_P(BadProbeTargets, are_refused_with_the_reason) {
  try {
    parse_probe_target(GetParam().first);
    ADD_FAILURE() << GetParam().first << " was accepted";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::invalid);
    EXPECT_THAT(e.what(), ::testing::HasSubstr(GetParam().second));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Urls, BadProbeTargets,
    ::testing::Values(std::pair("", "scheme"), std::pair("https://:443", "scheme"), std::pair("tcp:/:1", "scheme"),
                      std::pair("tcp://", "port is missing"), std::pair("tcp://:0", "between 1 and 65535"),
                      std::pair("tcp://:65536", "between 1 and 65535"), std::pair("tcp://:", "between 1 and 65535"),
                      std::pair("tcp://:80x", "between 1 and 65535"), std::pair("tcp://:-1", "between 1 and 65535"),
                      std::pair("tcp://db:5432", "not an address"), std::pair("http://user@1.2.3.4:80/", "not an address"),
                      std::pair("http://[::1:80", "\"]\" is missing"), std::pair("http://[::1]80", "is no port"),
                      std::pair("tcp://:80/path", "no path"), std::pair("http://:80/a b", "blank"),
                      std::pair("http://:80/a\r\nHost: x", "blank"), std::pair("http://:80/#x", "blank"),
                      std::pair("http://:80/" + std::string(3000, 'a'), "longer than")));

} // namespace
} // namespace gantry::containers
