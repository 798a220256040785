#include "api/volumes/handlers.hpp"
#include "api/volumes/wire.hpp"
#include "containers/json_reader.hpp"

namespace gantry::api {

Task<void> post_volume_create(Services& services, Request& request, Reply& reply) {
  const Json body = request.json();
  const gantry::containers::JsonReader reader(body, "");
  gantry::volumes::CreateVolume wanted;
  reader.read("Name", wanted.name);
  reader.read("Driver", wanted.driver);
  reader.read("DriverOpts", wanted.options);
  reader.read("Labels", wanted.labels);
  if (reader.find("ClusterVolumeSpec"))
    throw unavailable(
        "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node "
        "to swarm and try again.");
  auto job = [&services, wanted] { return services.volumes.create(wanted); };
  const gantry::volumes::VolumePtr volume = co_await on(services.pool, job);
  reply.json(201, volume_json(*volume));
}

} // namespace gantry::api
