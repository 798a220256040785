#pragma once

#include "buildkit/solve/build.hpp"
#include "control.grpc.pb.h"

namespace gantry::buildkit {

/// moby.buildkit.v1.Control: what buildx and docker's CLI talk to.
class ControlService final : public wire::Control::Service {
 public:
  ControlService(Daemon& daemon, Sessions& sessions, Builds& builds) : daemon_(daemon), sessions_(sessions), builds_(builds) {}

  grpc::Status Solve(grpc::ServerContext* context, const wire::SolveRequest* request, wire::SolveResponse* response) override;
  grpc::Status Status(grpc::ServerContext* context, const wire::StatusRequest* request,
                      grpc::ServerWriter<wire::StatusResponse>* writer) override;
  grpc::Status ListWorkers(grpc::ServerContext* context, const wire::ListWorkersRequest* request,
                           wire::ListWorkersResponse* response) override;
  grpc::Status Info(grpc::ServerContext* context, const wire::InfoRequest* request, wire::InfoResponse* response) override;
  grpc::Status DiskUsage(grpc::ServerContext* context, const wire::DiskUsageRequest* request,
                         wire::DiskUsageResponse* response) override;
  grpc::Status Prune(grpc::ServerContext* context, const wire::PruneRequest* request,
                     grpc::ServerWriter<wire::UsageRecord>* writer) override;
  grpc::Status ListenBuildHistory(grpc::ServerContext* context, const wire::BuildHistoryRequest* request,
                                  grpc::ServerWriter<wire::BuildHistoryEvent>* writer) override;

 private:
  Daemon& daemon_;
  Sessions& sessions_;
  Builds& builds_;
};

/// The version of BuildKit whose API this is.
moby::buildkit::v1::types::BuildkitVersion version();
/// The one worker that there is: the engine.
moby::buildkit::v1::types::WorkerRecord worker(Daemon& daemon);

} // namespace gantry::buildkit
