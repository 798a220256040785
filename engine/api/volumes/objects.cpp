#include "volumes/objects.hpp"
#include "api/archive_stream.hpp"
#include "api/volumes/handlers.hpp"
#include "api/volumes/wire.hpp"

// Volumes as objects: an extension to Docker's API.
namespace gantry::api {

Task<void> post_volume_clone(Services& services, Request& request, Reply& reply) {
  auto job = [&services, source = request.param("name"), name = request.query.get("name")] {
    return gantry::volumes::clone_volume(services.volumes, source, name);
  };
  const gantry::volumes::VolumePtr volume = co_await on(services.pool, job);
  reply.json(201, volume_json(*volume));
}

Task<void> post_volume_rename(Services& services, Request& request, Reply& reply) {
  auto job = [&services, name = request.param("name"), new_name = request.query.get("name")] {
    return services.volumes.rename(name, new_name);
  };
  const gantry::volumes::VolumePtr volume = co_await on(services.pool, job);
  reply.json(200, volume_json(*volume));
}

Task<void> post_volume_snapshot(Services& services, Request& request, Reply& reply) {
  auto job = [&services, source = request.param("name"), name = request.query.get("name")] {
    return gantry::volumes::snapshot_volume(services.volumes, source, name);
  };
  const gantry::volumes::VolumePtr volume = co_await on(services.pool, job);
  reply.json(201, volume_json(*volume));
}

Task<void> get_volume_export(Services& services, Request& request, Reply& reply) {
  auto job = [&services, name = request.param("name")] { return gantry::volumes::export_volume(services.volumes, name); };
  std::function<void(int)> write = co_await on(services.pool, job);
  // It ends where it runs: giving the volume back may wait for a plugin, which no I/O thread must.
  std::function<void(UniqueFd)> give = [write = std::move(write)](UniqueFd out) mutable {
    const auto mine = std::exchange(write, nullptr);
    mine(out.get());
  };
  const Coding coding = negotiated_coding(request.header("Accept-Encoding"));
  co_await stream_archive(services.pool, reply, "application/x-tar", std::move(give), coding);
}

Task<void> post_volume_import(Services& services, Request& request, Reply& reply) {
  auto body = std::make_shared<UniqueFd>(request.source->pipe());
  auto job = [&services, body, name = request.param("name")] {
    return gantry::volumes::import_volume(services.volumes, name, body->get());
  };
  const gantry::volumes::VolumePtr volume = co_await on(services.pool, job);
  reply.json(201, volume_json(*volume));
}

} // namespace gantry::api
