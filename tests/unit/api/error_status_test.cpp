#include "api/error_status.hpp"

#include <gtest/gtest.h>

namespace gantry::api {
namespace {

struct Row {
  Code code;
  int status;
};

class ErrorStatus : public testing::TestWithParam<Row> {};

TEST_P(ErrorStatus, has_one_status_per_code) {
  const auto failure = std::make_exception_ptr(Error(GetParam().code, "why"));
  EXPECT_EQ(describe(failure).status, GetParam().status);
  EXPECT_EQ(describe(failure).message, "why");
}

INSTANTIATE_TEST_SUITE_P(all, ErrorStatus,
                         testing::Values(Row{Code::invalid, 400}, Row{Code::failed_precondition, 400},
                                         Row{Code::out_of_range, 400}, Row{Code::unauthorized, 401}, Row{Code::forbidden, 403},
                                         Row{Code::not_found, 404}, Row{Code::already_exists, 409}, Row{Code::in_use, 409},
                                         Row{Code::forbidden_state, 409}, Row{Code::not_implemented, 501},
                                         Row{Code::unavailable, 503}, Row{Code::internal, 500},
                                         Row{Code::resource_exhausted, 500}, Row{Code::cancelled, 500}));

TEST(ErrorStatusOther, every_other_exception_is_ours_to_blame) {
  EXPECT_EQ(describe(std::make_exception_ptr(std::runtime_error("x"))).status, 500);
}

} // namespace
} // namespace gantry::api
