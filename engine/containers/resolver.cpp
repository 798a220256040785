#include "containers/resolver.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace gantry::containers {
namespace {

void read_host_file(Resolver& resolver) {
  std::ifstream in("/etc/resolv.conf");
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string key, word;
    words >> key;
    if (key == "nameserver" && words >> word) resolver.servers.push_back(word);
    if (key == "search" || key == "domain") resolver.search.clear();
    while ((key == "search" || key == "domain") && words >> word) resolver.search.push_back(word);
    while (key == "options" && words >> word) resolver.options.push_back(word);
  }
}

void prefer(StringList& list, const StringList& container, const StringList& daemon) {
  if (!container.empty()) {
    list = container;
  } else if (!daemon.empty()) {
    list = daemon;
  }
}

} // namespace

bool is_loopback(const std::string& address) { return address.starts_with("127.") || address == "::1"; }

Resolver resolver_of(const HostConfig& config, const Defaults& defaults) {
  Resolver resolver;
  read_host_file(resolver);
  resolver.host_servers = config.dns.empty() && defaults.dns.empty();
  prefer(resolver.servers, config.dns, defaults.dns);
  prefer(resolver.search, config.dns_search, defaults.dns_search);
  prefer(resolver.options, config.dns_options, defaults.dns_options);
  // A single dot means: no search list at all.
  if (resolver.search == StringList{"."}) resolver.search.clear();
  resolver.ndots = std::any_of(resolver.options.begin(), resolver.options.end(),
                               [](const std::string& option) { return option.starts_with("ndots:") && option != "ndots:0"; });
  return resolver;
}

bool has_dns(const Container& container) {
  return std::any_of(container.networks.begin(), container.networks.end(), [](const networks::Attachment& a) {
    return a.network != "bridge" && a.network != "host" && a.network != "none";
  });
}

} // namespace gantry::containers
