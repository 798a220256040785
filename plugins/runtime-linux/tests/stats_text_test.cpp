#include "driver/stats_text.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace gantry::runtime_linux {
namespace {

using Json = nlohmann::json;

template <class F, class... Rest>
Json json_of(F append, std::string_view text, Rest... rest) {
  std::string out;
  append(out, text, rest...);
  return Json::parse(out);
}

TEST(StatsText, finds_a_value_by_its_whole_name) {
  EXPECT_EQ(pair_value("nr_throttled 5\nnr_throttled_more 6\nnr 7", "nr_throttled"), 5U);
  EXPECT_EQ(pair_value("a 1", "b"), 0U);
  EXPECT_EQ(pair_value("", "b"), 0U);
  EXPECT_EQ(pair_value("a x", "a"), 0U);
}

TEST(StatsText, shows_the_parts_of_memory_that_docker_shows) {
  EXPECT_EQ(json_of(append_memory_parts_v1, "cache 1\ntotal_rss 2\nhierarchical_memory_limit 3\nworkingset_refault_anon 4"),
            Json::parse(R"({"cache":1,"total_rss":2,"hierarchical_memory_limit":3})"));
  EXPECT_EQ(json_of(append_memory_parts_v2, "anon 1\nkernel 2\nfile 3\nbroken x"), Json::parse(R"({"anon":1,"file":3})"));
  EXPECT_EQ(json_of(append_memory_parts_v2, ""), Json::object());
}

TEST(StatsText, adds_numbers) {
  EXPECT_EQ(sum_of("12 0 7 "), 19U);
  EXPECT_EQ(sum_of(""), 0U);
}

TEST(StatsText, lists_numbers) {
  EXPECT_EQ(json_of(append_numbers, "12 0 7 "), Json::parse("[12,0,7]"));
  EXPECT_EQ(json_of(append_numbers, ""), Json::array());
}

TEST(StatsText, lists_block_io_of_both_versions) {
  EXPECT_EQ(json_of(append_block_io_v1, "8:16 Read 4096\n8:16 Write 0\nTotal 4096"),
            Json::parse(R"([{"major":8,"minor":16,"op":"Read","value":4096},{"major":8,"minor":16,"op":"Write","value":0}])"));
  const std::string_view v2 = "8:16 rbytes=4096 wbytes=1 rios=2 wios=3 dbytes=0 dios=0\n253:0 \nnonsense";
  EXPECT_EQ(json_of(append_block_io_v2, v2, true),
            Json::parse(R"([{"major":8,"minor":16,"op":"read","value":4096},{"major":8,"minor":16,"op":"write","value":1}])"));
  EXPECT_EQ(json_of(append_block_io_v2, v2, false),
            Json::parse(R"([{"major":8,"minor":16,"op":"read","value":2},{"major":8,"minor":16,"op":"write","value":3}])"));
}

constexpr std::string_view dev =
    "Inter-|   Receive                                                |  Transmit\n"
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n"
    "    lo:     100       1    0    0    0     0          0         0      100       1    0    0    0     0       0          "
    "0\n";

TEST(StatsText, counts_each_interface_but_the_loopback) {
  std::string out;
  EXPECT_FALSE(append_networks(out, dev));
  EXPECT_EQ(out, "");
  const std::string more = std::string(dev) + "  eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n";
  EXPECT_TRUE(append_networks(out, more));
  EXPECT_EQ(Json::parse(out), Json::parse(R"({"eth0":{"rx_bytes":1,"rx_packets":2,"rx_errors":3,"rx_dropped":4,
                                              "tx_bytes":9,"tx_packets":10,"tx_errors":11,"tx_dropped":12}})"));
}

TEST(StatsText, an_interface_may_be_called_anything) {
  const std::string odd = std::string(dev) + "  a\"}:\\\xff: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n";
  std::string out;
  EXPECT_TRUE(append_networks(out, odd));
  const Json json = Json::parse(out);
  ASSERT_EQ(json.size(), 1U);
  EXPECT_EQ(json.begin().key(), "a\"}:\\\xEF\xBF\xBD");
  EXPECT_EQ(json.begin().value()["tx_bytes"], 9);
}

TEST(StatsText, shows_pressure_as_the_kernel_does) {
  EXPECT_EQ(
      json_of(append_pressure, "some avg10=1.50 avg60=0.00 avg300=0.10 total=42\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0"),
      Json::parse(R"({"some":{"avg10":1.50,"avg60":0.00,"avg300":0.10,"total":42},
                            "full":{"avg10":0.00,"avg60":0.00,"avg300":0.00,"total":0}})"));
  EXPECT_EQ(json_of(append_pressure, ""), Json::object());
  EXPECT_EQ(json_of(append_pressure, "some avg10=nan = more"), Json::parse(R"({"some":{}})"));
}

} // namespace
} // namespace gantry::runtime_linux
