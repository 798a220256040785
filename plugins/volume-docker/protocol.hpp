#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include <gantry/sdk/host.hpp>
#include <gantry/sdk/volume.hpp>

#include "discovery.hpp"

namespace gantry::volume_docker {

/// What a plugin itself answered with; others mean that it could not be asked.
class Refused : public Error {
 public:
  explicit Refused(const std::string& message) : Error(Code::unknown, message) {}
};

struct Found {
  std::string mountpoint;
  VolumeSettings status;
};

/// Docker's volume plugin protocol, version 1: every request is a POST of JSON, every answer JSON with a member "Err". Errors
/// begin as Docker's do, "VolumeDriver.Mount: …". A plugin that hangs holds a few calls until their deadlines; further ones are
/// refused after two seconds, so that it never takes all of the engine's threads.
/// Thread-safe.
class Protocol {
 public:
  explicit Protocol(Places places) : places_(std::move(places)) {}

  /// The only plugin that can be found, for whoever names none. unavailable when that is not one.
  std::string only_plugin() const;
  void create(Call&, const std::string& plugin, const std::string& volume, const VolumeSettings& options);
  void remove(Call&, const std::string& plugin, const std::string& volume);
  /// Where it is mounted on the host.
  std::string mount(Call&, const std::string& plugin, const std::string& volume, const std::string& id);
  void unmount(Call&, const std::string& plugin, const std::string& volume, const std::string& id);
  /// Throws Refused when the plugin does not have it.
  Found get(Call&, const std::string& plugin, const std::string& volume);
  /// Its volumes are the same on all machines. Plugins that do not say are local.
  bool is_global(Call&, const std::string& plugin);

 private:
  std::string ask(Call&, const std::string& plugin, const std::string& method, const std::string& body);
  /// not_found, with Docker's text, when there is no such plugin.
  Address address(const std::string& plugin) const;
  /// Once for each plugin, and again after it could not be reached: it may have become another program.
  void activate(Call&, const std::string& plugin, const Address&);

  Places places_;
  std::mutex guard_;
  std::condition_variable ended_; ///< some call has
  std::set<std::string> activated_;
  std::map<std::string, int> in_flight_;
};

} // namespace gantry::volume_docker
