#include "cli/commands/container/explain_text.hpp"

#include <gtest/gtest.h>

#include "cli/commands/container/usage.hpp"

namespace gantry::cli {
namespace {

TEST(ExplainText, shows_the_sentences_the_steps_and_the_runs) {
  const Json explained = Json::parse(R"({
    "Id":"0123456789abcdef","Name":"/web","Status":"exited","Explanation":["It is not running","It was stopped by a user"],
    "Start":{"Time":"2026-11-24T15:42:01.1Z","By":"user","Steps":[{"Name":"files","TookNs":200000},{"Name":"create","TookNs":3100000}],
             "TotalNs":3300000,"FailedStep":"create","Error":"no"},
    "Runs":[{"StartedAt":"2026-11-24T15:42:01.1Z","StartedBy":"restart policy","TookNs":210300000,"ExitCode":1,"EndedBy":"itself","DelayNs":100000000},
            {"StartedAt":"2026-11-24T15:42:03.1Z","StartedBy":"restart policy","TookNs":65000000000,"ExitCode":137,"EndedBy":"stop","DelayNs":null}]})");
  EXPECT_EQ(explain_text(explained),
            "web (0123456789ab): exited\n"
            "  It is not running.\n"
            "  It was stopped by a user.\n"
            "\nLast start, by a user at 2026-11-24T15:42:01.1Z:\n"
            "  files    0.2 ms\n"
            "  create   3.1 ms (failed)\n"
            "  total    3.3 ms\n"
            "\nLast runs, oldest first:\n"
            "  STARTED                BY               RAN              EXIT CODE   ENDED BY   NEXT START\n"
            "  2026-11-24T15:42:01Z   restart policy   210.3 ms         1           itself     100.0 ms later\n"
            "  2026-11-24T15:42:03Z   restart policy   About a minute   137         stop       -\n")
      << explain_text(explained);
}

TEST(ExplainText, of_a_container_that_never_ran_is_its_sentences) {
  EXPECT_EQ(explain_text(Json::parse(R"({"Id":"0123456789abcdef","Name":"/new","Status":"created","Explanation":["Nobody"],
                                         "Start":null,"Runs":[]})")),
            "new (0123456789ab): created\n  Nobody.\n");
}

TEST(UsageRow, of_a_container_that_has_told_nothing_yet_is_dashes) {
  const Json row = usage_row(Json(), "web", true);
  EXPECT_EQ(row["CPUPerc"], "--");
  EXPECT_EQ(row["MemUsage"], "-- / --");
  EXPECT_EQ(row["Container"], "web");
}

} // namespace
} // namespace gantry::cli
