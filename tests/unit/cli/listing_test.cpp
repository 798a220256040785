#include "cli/format/listing.hpp"

#include <gtest/gtest.h>

#include "invocation.hpp"

namespace gantry::cli::test {
namespace {

Listing two_rows(const std::string& format) {
  Listing listing(format, "{{.ID}}\t{{.Name}}", "*row");
  listing.headings({{"ID", "IDENTITY"}, {"Name", "NAME"}});
  listing.add({{"ID", "1"}, {"Name", "a"}});
  listing.add({{"ID", "a-long-identity"}, {"Name", "b…"}});
  return listing;
}

TEST(Listing, a_table_has_headings_and_aligned_columns) {
  EXPECT_EQ(two_rows("").text(), "IDENTITY          NAME\n1                 a\na-long-identity   b…\n");
  EXPECT_EQ(two_rows("table {{.Name}}\\t{{.ID}}").text(), "NAME      IDENTITY\na         1\nb…        a-long-identity\n");
}

TEST(Listing, a_template_prints_lines_only) { EXPECT_EQ(two_rows("{{.ID}}:{{.Name}}").text(), "1:a\na-long-identity:b…\n"); }

TEST(Listing, json_is_one_object_per_line) {
  EXPECT_EQ(two_rows("json").text(), "{\"ID\":\"1\",\"Name\":\"a\"}\n{\"ID\":\"a-long-identity\",\"Name\":\"b…\"}\n");
}

TEST(Listing, template_errors_say_when_they_were_found) {
  EXPECT_EQ(message_of([] { two_rows("{{.ID").text(); }), "failed to parse template: template: :1: unclosed action");
  EXPECT_EQ(message_of([] { two_rows("{{.X}}").text(); }),
            "failed to execute template: template: :1:2: executing \"\" at <.X>: can't evaluate field X in type *row");
}

} // namespace
} // namespace gantry::cli::test
