#include "api/error_status.hpp"

namespace gantry::api {

int status_of(Code code) {
  switch (code) {
    case Code::invalid:
    case Code::failed_precondition:
    case Code::out_of_range:
      return 400;
    case Code::unauthorized:
      return 401;
    case Code::forbidden:
      return 403;
    case Code::not_found:
      return 404;
    case Code::already_exists:
    case Code::aborted:
    case Code::in_use:
    case Code::forbidden_state:
      return 409;
    case Code::not_implemented:
      return 501;
    case Code::unavailable:
      return 503;
    case Code::cancelled:
    case Code::unknown:
    case Code::deadline_exceeded:
    case Code::resource_exhausted:
    case Code::internal:
    case Code::data_loss:
      return 500;
  }
  return 500;
}

ErrorReply describe(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    return {status_of(error.code()), error.what()};
  } catch (const std::exception& error) {
    return {500, error.what()};
  }
}

} // namespace gantry::api
