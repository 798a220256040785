#pragma once

#include <optional>
#include <string>
#include <vector>

#include "net-common/socket.hpp"

namespace gantry::net {

/// A network interface.
struct Link {
  int index = 0;
  int master = 0;
  unsigned flags = 0; ///< IFF_*
  std::string name, kind, alias;
};

/// Nothing when there is none of that name.
std::optional<Link> find_link(Socket&, const std::string& name);
std::vector<Link> list_links(Socket&);
/// Deletes by name; true when there was one.
bool delete_link(Socket&, const std::string& name);
/// Deletes all at once; those that are not there are no error.
void delete_links(Socket&, const std::vector<std::string>& names);

/// A request that changes the link of that index.
Message change_link(int index);
/// "up", as such a request.
Message raise_link(int index);

} // namespace gantry::net
