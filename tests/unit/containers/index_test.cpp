#include "containers/index.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace gantry::containers {
namespace {

class IndexTest : public ::testing::Test {
 protected:
  void add(const std::string& id, const std::string& name) {
    Container container;
    container.id = id;
    container.name = name;
    index.reserve(name, id);
    index.add(std::make_shared<Entry>(std::move(container)));
  }
  std::string refusal(const std::string& reference, Code code) {
    try {
      (void)index.find(reference);
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), code);
      return e.what();
    }
    return "";
  }
  Index index;
};

TEST_F(IndexTest, finds_by_id_name_slashed_name_and_prefix) {
  add("aabb11", "web");
  add("aacc22", "db");
  for (const char* reference : {"aabb11", "web", "/web", "aab"}) EXPECT_EQ(index.find(reference)->id, "aabb11") << reference;
}

TEST_F(IndexTest, a_name_wins_over_a_prefix) {
  add("aabb11", "web");
  add("ccdd22", "aab");
  EXPECT_EQ(index.find("aab")->id, "ccdd22");
}

TEST_F(IndexTest, an_ambiguous_prefix_is_refused) {
  add("aabb11", "web");
  add("aacc22", "db");
  EXPECT_EQ(refusal("aa", Code::invalid), "multiple IDs found with provided prefix: aa");
}

TEST_F(IndexTest, nothing_matches_nothing) {
  add("aabb11", "web");
  EXPECT_EQ(refusal("", Code::not_found), "No such container: ");
  EXPECT_EQ(refusal("nope", Code::not_found), "No such container: nope");
}

TEST_F(IndexTest, a_reserved_name_is_taken_but_not_found) {
  index.reserve("soon", "aabb11");
  EXPECT_EQ(refusal("soon", Code::not_found), "No such container: soon");
  try {
    index.reserve("soon", "ccdd22");
    FAIL();
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(),
                 "Conflict. The container name \"/soon\" is already in use by container \"aabb11\". You have to remove (or "
                 "rename) that container to be able to reuse that name.");
  }
}

} // namespace
} // namespace gantry::containers
