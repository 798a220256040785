#pragma once

#include "images/image_store.hpp"
#include "registry/client.hpp"
#include "registry/download.hpp"
#include "registry/flights.hpp"
#include "registry/registry_service.hpp"

namespace gantry::registry {

/// What the verbs (pull.cpp, push.cpp, …) share.
struct RegistryService::Impl {
  const state::Paths& paths;
  state::Database& database;
  images::ImageService& images;
  events::Bus& events;
  std::function<Settings()> settings;
  Downloads downloads;
  Flights flights;
  Slots packing; ///< compression uses all cores of one machine

  /// A client of an endpoint for what `caller` says about itself; mirrors hear nothing of it.
  ClientPtr client(const Endpoint&, const Settings&, const Caller&) const;
  void publish_event(const images::Image& image, const std::string& action, const std::string& id, const std::string& name) const;
};

/// Calls `f` with a client of each endpoint of `domain` that answers, until one succeeds; throws what the last one threw.
void at_some_endpoint(RegistryService::Impl&, const std::string& domain, const Caller&, bool use_mirrors, Cancel&,
                      const std::function<void(const ClientPtr&)>& f);

} // namespace gantry::registry
