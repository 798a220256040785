#pragma once

#include "buildkit/solve/build.hpp"
#include "gateway.grpc.pb.h"

namespace gantry::buildkit {

namespace frontend = moby::buildkit::v1::frontend;

/// moby.buildkit.v1.frontend.LLBBridge: calls of a client that says itself what is solved in its build. A header tells which
/// build.
class BridgeService final : public frontend::LLBBridge::Service {
 public:
  BridgeService(Daemon& daemon, Builds& builds) : daemon_(daemon), builds_(builds) {}

  grpc::Status Ping(grpc::ServerContext* context, const frontend::PingRequest* request,
                    frontend::PongResponse* response) override;
  grpc::Status Solve(grpc::ServerContext* context, const frontend::SolveRequest* request,
                     frontend::SolveResponse* response) override;
  grpc::Status Return(grpc::ServerContext* context, const frontend::ReturnRequest* request,
                      frontend::ReturnResponse* response) override;
  grpc::Status Evaluate(grpc::ServerContext* context, const frontend::EvaluateRequest* request,
                        frontend::EvaluateResponse* response) override;
  grpc::Status Inputs(grpc::ServerContext* context, const frontend::InputsRequest* request,
                      frontend::InputsResponse* response) override;
  grpc::Status Warn(grpc::ServerContext* context, const frontend::WarnRequest* request,
                    frontend::WarnResponse* response) override;
  grpc::Status ResolveImageConfig(grpc::ServerContext* context, const frontend::ResolveImageConfigRequest* request,
                                  frontend::ResolveImageConfigResponse* response) override;
  grpc::Status ReadFile(grpc::ServerContext* context, const frontend::ReadFileRequest* request,
                        frontend::ReadFileResponse* response) override;

 private:
  /// For as long as the result lives the client counts as calling.
  std::shared_ptr<Build> build_of(grpc::ServerContext* context, const char* what);

  Daemon& daemon_;
  Builds& builds_;
};

} // namespace gantry::buildkit
