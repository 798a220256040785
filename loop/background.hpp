#pragma once

#include <string>

#include <gantry/sdk/fd.hpp>

namespace gantry {

/// A SOCK_SEQPACKET socket that listens at `path`, for root alone; what is there is replaced. -1 and errno where that cannot be.
UniqueFd listen_for_control(const std::string& path);

/// Goes on as a process of its own: the one that was started ends with success, so that whoever waits for it knows that
/// everything is there. As many files as may be.
void go_into_background();

} // namespace gantry
