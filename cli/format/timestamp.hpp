#pragma once

#include <string>

namespace gantry::cli {

/// What users say for a time, as the API's unix seconds with nine digits of fraction: RFC 3339 in whole or in part (local zone
/// without one), unix seconds, or a duration before now ("42m"). What is none of these is passed on as it is; the daemon refuses
/// it.
std::string unix_timestamp(const std::string& text);

} // namespace gantry::cli
