#pragma once

#include <string>
#include <string_view>

#include <gantry/sdk/log.hpp>

namespace gantry::log_journald {

/// The fields that all entries of a container have, in the journal's native protocol.
std::string common_fields(const LogSource& source);
/// One entry. `common` is what common_fields made.
std::string entry(std::string_view common, const LogSource& source, const LogRecord& record);
/// A field name as the journal accepts it: upper case, "_" for what is not allowed, none in front.
std::string field_name(const std::string& name);

} // namespace gantry::log_journald
