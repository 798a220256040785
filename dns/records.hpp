#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace gantry::dns {

/// A container's place in a network. Names are compared without regard to case.
struct Endpoint {
  std::string id, container, network, network_name;
  std::string ipv4, ipv6;                   ///< empty: none
  std::vector<std::string> names;           ///< the first is the container's, which PTR tells
  std::map<std::string, std::string> links; ///< further names that this container alone sees: alias → name
  bool internal = false;                    ///< the network has no way out
};

struct Addresses {
  bool known = false; ///< somebody has the name
  std::vector<std::string> ipv4, ipv6;
};

/// Who is called what in which network.
class Records {
 public:
  /// Replaces the endpoint of that id.
  void add(Endpoint endpoint);
  void remove(const std::string& id);
  /// Removes every endpoint that is not listed.
  void keep(const std::set<std::string>& ids);
  bool has_container(const std::string& container) const;

  /// What `name` is to a container: in each of its networks, as it is or with ".NETWORK" behind it.
  Addresses find(const std::string& container, const std::string& name) const;
  /// "name.network" of the address, or nothing.
  std::string name_of(const std::string& container, const std::string& address) const;
  /// Whether one of the container's networks has a way out.
  bool reaches_outside(const std::string& container) const;

 private:
  struct Network {
    std::string name;
    std::map<std::string, std::set<std::string>> endpoints_of_name;
    std::map<std::string, std::string> endpoint_of_address;
  };
  void collect(const Endpoint& asking, const Network& network, const std::string& name, Addresses& found) const;

  std::map<std::string, Endpoint> endpoints_;
  std::map<std::string, Network> networks_;
  std::map<std::string, std::set<std::string>> endpoints_of_container_;
};

/// In lower case, without a dot at the end.
std::string plain_name(std::string name);

} // namespace gantry::dns
