#include "containers/network_files.hpp"

#include <fcntl.h>

#include <algorithm>

#include "base/error.hpp"
#include "base/file.hpp"
#include "containers/attachments.hpp"
#include "containers/resolver.hpp"

namespace gantry::containers {
namespace {

std::string read_or_empty(const std::string& path) {
  try {
    return read_file(path, 1 << 20);
  } catch (const Error&) {
    return "";
  }
}

/// The container's own addresses.
StringList own_lines(const Container& container) {
  std::string names = container.config.hostname;
  if (!container.config.domainname.empty()) names = names + "." + container.config.domainname + " " + names;
  StringList lines;
  for (const auto& attachment : container.networks) {
    for (const auto* address : {&attachment.endpoint.ipv4, &attachment.endpoint.ipv6})
      if (!address->empty()) lines.push_back(*address + "\t" + names);
  }
  return lines;
}

std::string hosts_file(const Container& container, const HostNames& names) {
  std::string text;
  if (container.host_config.network_mode == "host") {
    text = read_or_empty("/etc/hosts");
  } else {
    text =
        "127.0.0.1\tlocalhost\n"
        "::1\tlocalhost ip6-localhost ip6-loopback\n"
        "fe00::\tip6-localnet\n"
        "ff00::\tip6-mcastprefix\n"
        "ff02::1\tip6-allnodes\n"
        "ff02::2\tip6-allrouters\n";
  }
  for (const auto& extra : container.host_config.extra_hosts) {
    const std::size_t colon = extra.find(':');
    const std::string address = extra.substr(colon + 1);
    text += (address == "host-gateway" ? names.host_gateway : address) + "\t" + extra.substr(0, colon) + "\n";
  }
  for (const auto& line : names.links) text += line + "\n";
  for (const auto& line : own_lines(container)) text += line + "\n";
  return text;
}

std::string joined(const StringList& words) {
  std::string text;
  for (const auto& word : words) text += " " + word;
  return text;
}

const StringList& chosen(const StringList& container, const StringList& daemon) { return container.empty() ? daemon : container; }

/// Whether a line of the host's file is replaced by what the user asked for.
bool is_replaced(std::string_view line, bool dns, bool search, bool options) {
  return (dns && line.starts_with("nameserver")) || (search && (line.starts_with("search") || line.starts_with("domain"))) ||
         (options && line.starts_with("options"));
}

std::string resolv_conf(const HostConfig& config, const Defaults& defaults) {
  const StringList& dns = chosen(config.dns, defaults.dns);
  const StringList& search = chosen(config.dns_search, defaults.dns_search);
  const StringList& options = chosen(config.dns_options, defaults.dns_options);
  std::string text;
  const std::string host_text = read_or_empty("/etc/resolv.conf");
  for (std::size_t at = 0; at < host_text.size();) {
    const std::size_t end = std::min(host_text.find('\n', at), host_text.size());
    const std::string line = host_text.substr(at, end - at);
    if (!is_replaced(line, !dns.empty(), !search.empty(), !options.empty())) text += line + "\n";
    at = end + 1;
  }
  // A single dot means: no search list at all.
  if (!search.empty() && search != StringList{"."}) text += "search" + joined(search) + "\n";
  for (const auto& server : dns) text += "nameserver " + server + "\n";
  if (!options.empty()) text += "options" + joined(options) + "\n";
  return text;
}

/// The file of a container that asks gantry-dns.
std::string dns_conf(const Resolver& resolver) {
  std::string text;
  if (!resolver.search.empty()) text += "search" + joined(resolver.search) + "\n";
  text += "nameserver 127.0.0.11\n";
  const bool has_ndots =
      std::any_of(resolver.options.begin(), resolver.options.end(), [](const auto& o) { return o.starts_with("ndots:"); });
  return text + "options" + joined(resolver.options) + (has_ndots ? "\n" : " ndots:0\n");
}

/// Of a container on the default network the host's loopback is not its own: a server there cannot be asked.
std::string without_loopback(const std::string& text) {
  std::string result;
  bool has_server = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    const bool server = line.starts_with("nameserver");
    const std::string address = server ? line.substr(std::min(line.find_first_not_of(" \t", 10), line.size())) : "";
    if (server && is_loopback(address)) continue;
    has_server = has_server || server;
    result += line + "\n";
  }
  return has_server ? result : result + "nameserver 8.8.8.8\nnameserver 8.8.4.4\n";
}

std::string resolv_conf_of(const Container& container, const Defaults& defaults) {
  if (has_dns(container)) return dns_conf(resolver_of(container.host_config, defaults));
  const std::string text = resolv_conf(container.host_config, defaults);
  return find_attachment(container, "bridge") ? without_loopback(text) : text;
}

/// In place: an atomic replacement would leave a bind mount on the old file.
void write_in_place(const std::string& path, const std::string& text) {
  const UniqueFd fd = open_file(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0644);
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = ::write(fd.get(), text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw os_error("write " + path, errno);
    done += static_cast<std::size_t>(n);
  }
}

} // namespace

void write_network_files(const Container& container, const std::string& directory, const Defaults& defaults,
                         const HostNames& names) {
  write_in_place(directory + "/hosts", hosts_file(container, names));
  write_in_place(directory + "/hostname", container.config.hostname + "\n");
  write_in_place(directory + "/dockerenv", "");
  write_in_place(directory + "/resolv.conf", resolv_conf_of(container, defaults));
}

void update_network_files(const Container& before, const Container& after, const std::string& directory,
                          const Defaults& defaults) {
  const StringList old_lines = own_lines(before), new_lines = own_lines(after);
  const std::string hosts = read_or_empty(directory + "/hosts");
  std::string text;
  for (std::size_t at = 0; at < hosts.size();) {
    const std::size_t end = std::min(hosts.find('\n', at), hosts.size());
    const std::string line = hosts.substr(at, end - at);
    at = end + 1;
    if (std::find(old_lines.begin(), old_lines.end(), line) == old_lines.end()) text += line + "\n";
  }
  for (const auto& line : new_lines) text += line + "\n";
  write_in_place(directory + "/hosts", text);
  // One that the container's user has changed is his.
  if (read_or_empty(directory + "/resolv.conf") == resolv_conf_of(before, defaults))
    write_in_place(directory + "/resolv.conf", resolv_conf_of(after, defaults));
}

} // namespace gantry::containers
