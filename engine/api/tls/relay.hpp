#pragma once

#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include <gantry/sdk/fd.hpp>

namespace boost::asio::ssl {
class context;
}

namespace gantry::api {

/// Carries bytes between a TLS client and a plain socket until both are done. Returns at once; the work runs on
/// `executor`, a strand.
void relay_tls(const boost::asio::any_io_executor& executor, UniqueFd client, UniqueFd plain,
               std::shared_ptr<boost::asio::ssl::context> context);

} // namespace gantry::api
