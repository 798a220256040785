#include "api/archive_stream.hpp"
#include "api/containers/archive_wire.hpp"
#include "api/containers/handlers.hpp"

namespace gantry::api {

namespace {

std::string wanted_path(const Request& request) {
  const std::string& path = request.query.get("path");
  if (path.empty()) throw invalid("bad parameter: path cannot be empty");
  return path;
}

} // namespace

Task<void> head_container_archive(Services& services, Request& request, Reply& reply) {
  const gantry::containers::PathStat stat = co_await services.containers.stat_path(request.param("id"), wanted_path(request));
  reply.header("X-Docker-Container-Path-Stat", path_stat_header(stat));
  reply.empty(200);
}

Task<void> get_container_archive(Services& services, Request& request, Reply& reply) {
  gantry::containers::OutgoingArchive archive =
      co_await services.containers.read_archive(request.param("id"), wanted_path(request));
  reply.header("X-Docker-Container-Path-Stat", path_stat_header(archive.stat));
  const Coding coding = negotiated_coding(request.header("Accept-Encoding"));
  co_await stream_archive(services.pool, reply, "application/x-tar", std::move(archive.write), coding);
}

Task<void> put_container_archive(Services& services, Request& request, Reply& reply) {
  gantry::containers::ExtractOptions options;
  options.keep_kind = request.query.flag("noOverwriteDirNonDir");
  options.copy_owners = request.query.flag("copyUIDGID");
  const std::string path = wanted_path(request);
  UniqueFd body = request.source->pipe();
  co_await services.containers.extract_archive(request.param("id"), path, std::move(body), options);
  reply.empty(200);
}

} // namespace gantry::api
