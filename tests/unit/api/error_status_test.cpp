#include "api/error_status.hpp"

#include <gtest/gtest.h>

namespace gantry::api {
namespace {

struct StatusRow {
  Code code;
  int status;
};

class ErrorStatus : public testing::TestWithParam<StatusRow> {};

TEST_P(ErrorStatus, has_one_status_per_code) {
  const auto failure = std::make_exception_ptr(Error(GetParam().code, "why"));
  EXPECT_EQ(describe(failure).status, GetParam().status);
  EXPECT_EQ(describe(failure).message, "why");
}

INSTANTIATE_TEST_SUITE_P(all, ErrorStatus,
                         testing::Values(StatusRow{Code::invalid, 400}, StatusRow{Code::failed_precondition, 400},
                                         StatusRow{Code::out_of_range, 400}, StatusRow{Code::unauthorized, 401},
                                         StatusRow{Code::forbidden, 403}, StatusRow{Code::not_found, 404},
                                         StatusRow{Code::already_exists, 409}, StatusRow{Code::in_use, 409},
                                         StatusRow{Code::forbidden_state, 409}, StatusRow{Code::not_implemented, 501},
                                         StatusRow{Code::unavailable, 503}, StatusRow{Code::internal, 500},
                                         StatusRow{Code::resource_exhausted, 500}, StatusRow{Code::cancelled, 500}));

TEST(ErrorStatusOther, every_other_exception_is_ours_to_blame) {
  EXPECT_EQ(describe(std::make_exception_ptr(std::runtime_error("x"))).status, 500);
}

} // namespace
} // namespace gantry::api
