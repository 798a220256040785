#pragma once

#include "config/option.hpp"

// Settings of networks. All throw invalid with what is allowed.
namespace gantry::config {

/// "ADDRESS/LENGTH"; returns it as it was.
std::string parse_cidr(const std::string& text);
/// The file's list [{"base": "10.0.0.0/8", "size": 24}].
void apply_address_pools(Config&, const Values&);
/// "base=10.0.0.0/8,size=24", repeatable.
void apply_address_pool_flags(Config&, const Values&);
/// Name of a bridge, "none" or nothing.
void apply_bridge(Config&, const Values&);

} // namespace gantry::config
