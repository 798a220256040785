#include <gtest/gtest.h>

#include "base/error.hpp"
#include "images/reference.hpp"

namespace gantry::images {
namespace {

const std::string hex(64, 'a');

struct Good {
  const char* name;
  std::string text, full, familiar;
};

void PrintTo(const Good& row, std::ostream* out) { *out << row.text; }

class ReferenceParsing : public ::testing::TestWithParam<Good> {};

TEST_P(ReferenceParsing, gives_the_full_and_the_familiar_form) {
  auto reference = parse_reference(GetParam().text);
  EXPECT_EQ(reference.full(), GetParam().full);
  EXPECT_EQ(reference.familiar(), GetParam().familiar);
}

INSTANTIATE_TEST_SUITE_P(
    Names, ReferenceParsing,
    ::testing::Values(Good{"official", "busybox", "docker.io/library/busybox", "busybox"},
                      Good{"tagged", "busybox:1.36", "docker.io/library/busybox:1.36", "busybox:1.36"},
                      Good{"user", "me/app", "docker.io/me/app", "me/app"},
                      Good{"old_hub", "index.docker.io/busybox", "docker.io/library/busybox", "busybox"},
                      Good{"localhost", "localhost/x:1", "localhost/x:1", "localhost/x:1"},
                      Good{"port", "host:5000/x:1", "host:5000/x:1", "host:5000/x:1"},
                      Good{"dots", "registry.example.com/a/b/c", "registry.example.com/a/b/c", "registry.example.com/a/b/c"},
                      Good{"upper_host", "HOST/x", "HOST/x", "HOST/x"},
                      Good{"ipv6", "[2001:db8::1]:5000/x", "[2001:db8::1]:5000/x", "[2001:db8::1]:5000/x"},
                      Good{"separators", "a_b/c__d/e--f.g", "docker.io/a_b/c__d/e--f.g", "a_b/c__d/e--f.g"},
                      Good{"digest", "x@sha256:" + hex, "docker.io/library/x@sha256:" + hex, "x@sha256:" + hex},
                      Good{"tag_and_digest", "x:1@sha256:" + hex, "docker.io/library/x:1@sha256:" + hex, "x:1@sha256:" + hex}),
    [](const auto& row) { return row.param.name; });

struct Bad {
  const char* name;
  std::string text, message;
};

void PrintTo(const Bad& row, std::ostream* out) { *out << row.text; }

class ReferenceRefusal : public ::testing::TestWithParam<Bad> {};

TEST_P(ReferenceRefusal, uses_the_text_that_clients_know) {
  try {
    parse_reference(GetParam().text);
    FAIL() << "accepted";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::invalid);
    EXPECT_EQ(e.what(), GetParam().message);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Names, ReferenceRefusal,
    ::testing::Values(
        Bad{"empty", "", "invalid reference format"}, Bad{"blank", "a b", "invalid reference format"},
        Bad{"upper", "Busybox", "invalid reference format: repository name (library/Busybox) must be lowercase"},
        Bad{"bad_tag", "x:_!", "invalid reference format"}, Bad{"empty_tag", "x:", "invalid reference format"},
        Bad{"long_tag", "x:" + std::string(129, 'a'), "invalid reference format"},
        Bad{"three_underscores", "a___b", "invalid reference format"}, Bad{"dots", "a..b", "invalid reference format"},
        Bad{"slash_end", "a/", "invalid reference format"}, Bad{"double_slash", "a//b", "invalid reference format"},
        Bad{"slash", "/", "invalid reference format"}, Bad{"colon", ":", "invalid reference format"},
        Bad{"host_dash", "-x.com/a", "invalid reference format"}, Bad{"bad_port", "host:x/a", "invalid reference format"},
        Bad{"open_bracket", "[:/a", "invalid reference format"}, Bad{"traversal", "../../etc", "invalid reference format"},
        Bad{"bad_digest", "x@y", "invalid reference format"}, Bad{"short_digest", "x@sha256:abc", "invalid reference format"},
        Bad{"digest_length", "x@sha256:" + std::string(32, 'a'), "invalid checksum digest length"},
        Bad{"digest_kind", "x@md5:" + std::string(32, 'a'), "unsupported digest algorithm"},
        Bad{"too_long", std::string(256, 'a'), "repository name must not be more than 255 characters"},
        Bad{"id", hex, "invalid repository name (" + hex + "), cannot specify 64-byte hexadecimal strings"}),
    [](const auto& row) { return row.param.name; });

TEST(Reference, key_prefers_the_digest_and_adds_latest) {
  EXPECT_EQ(parse_reference("x").key().familiar(), "x:latest");
  EXPECT_EQ(parse_reference("x:1@sha256:" + hex).key().familiar(), "x@sha256:" + hex);
}

} // namespace
} // namespace gantry::images
