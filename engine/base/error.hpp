#pragma once

#include <string>

#include <gantry/sdk/error.hpp>

// The engine throws the SDK's gantry::Error everywhere; these make the common ones short at the throw site.
namespace gantry {

inline Error invalid(const std::string& m) { return {Code::invalid, m}; }
inline Error not_found(const std::string& m) { return {Code::not_found, m}; }
inline Error conflict(const std::string& m) { return {Code::already_exists, m}; }
inline Error forbidden(const std::string& m) { return {Code::forbidden, m}; }
inline Error unavailable(const std::string& m) { return {Code::unavailable, m}; }
inline Error not_implemented(const std::string& m) { return {Code::not_implemented, m}; }
inline Error internal(const std::string& m) { return {Code::internal, m}; }

/// "what: strerror(err)" as an internal error; ENOSPC and EDQUOT become resource_exhausted.
Error os_error(const std::string& what, int err);

} // namespace gantry
