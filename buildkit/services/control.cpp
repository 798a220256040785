#include "buildkit/services/control.hpp"

#include <time.h>

#include "buildkit/encoding.hpp"
#include "buildkit/services/guarded.hpp"
#include "buildkit/services/wish.hpp"

namespace gantry::buildkit {

grpc::Status ControlService::Solve(grpc::ServerContext* context, const wire::SolveRequest* request,
                                   wire::SolveResponse* response) {
  return guarded([&]() -> grpc::Status {
    BuildWish wish = wish_of(*request);
    const auto build = std::make_shared<Build>(daemon_, sessions_, std::move(wish));
    builds_.add(build);
    struct End {
      Builds& builds;
      const std::string& ref;
      ~End() { builds.end(ref); }
    } const end{builds_, build->wish().ref};
    const Watch watch([context] { return context->IsCancelled(); }, build->cancellation());
    // Without a frontend the client is the one that says what is solved, by calls of its own.
    const Solved solved =
        build->wish().frontend.empty() ? build->wait_for_end() : build->solve(build->wish().frontend, build->wish().attributes);
    for (auto& [name, value] : build->write_out(solved)) (*response->mutable_exporterresponse())[name] = value;
    return grpc::Status::OK;
  });
}

grpc::Status ControlService::Status(grpc::ServerContext* context, const wire::StatusRequest* request,
                                    grpc::ServerWriter<wire::StatusResponse>* writer) {
  return guarded([&]() -> grpc::Status {
    const auto build = builds_.find(request->ref(), [context] { return context->IsCancelled(); });
    if (build == nullptr) return {grpc::StatusCode::NOT_FOUND, "no such job " + request->ref()};
    std::uint64_t at = 0;
    bool ended = false;
    while (!ended && !context->IsCancelled()) {
      wire::StatusResponse told;
      if (build->progress().next(at, told, ended, std::chrono::milliseconds(200)) && !writer->Write(told)) break;
    }
    return grpc::Status::OK;
  });
}

grpc::Status ControlService::ListWorkers(grpc::ServerContext*, const wire::ListWorkersRequest*,
                                         wire::ListWorkersResponse* response) {
  return guarded([&]() -> grpc::Status {
    *response->add_record() = worker(daemon_);
    return grpc::Status::OK;
  });
}

grpc::Status ControlService::Info(grpc::ServerContext*, const wire::InfoRequest*, wire::InfoResponse* response) {
  *response->mutable_buildkitversion() = version();
  return grpc::Status::OK;
}

/// There is no history: clients that wait for more events wait until they go.
grpc::Status ControlService::ListenBuildHistory(grpc::ServerContext* context, const wire::BuildHistoryRequest* request,
                                                grpc::ServerWriter<wire::BuildHistoryEvent>*) {
  (void)context;
  (void)request;
  return grpc::Status::OK;
}

moby::buildkit::v1::types::BuildkitVersion version() {
  moby::buildkit::v1::types::BuildkitVersion version;
  version.set_package("gantry");
  version.set_version("v0.25.1+gantry");
  return version;
}

} // namespace gantry::buildkit
