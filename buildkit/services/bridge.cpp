#include "buildkit/services/bridge.hpp"

#include "buildkit/encoding.hpp"
#include "buildkit/services/control.hpp"
#include "buildkit/services/guarded.hpp"

namespace gantry::buildkit {
namespace {

constexpr const char* build_key = "buildkit-controlapi-buildid";

/// What clients ask before they use it. Of the definitions (LLB) that BuildKit solves only what stands for options of a build.
constexpr const char* frontend_caps[] = {"frontend.caps",
                                         "gateway.evaluate",
                                         "gateway.solve.evaluate",
                                         "gateway.solve.metadata",
                                         "gateway.warnings",
                                         "importcaches",
                                         "proto.refarray",
                                         "reference.output",
                                         "resolveimage",
                                         "resolveimage.resolvemode",
                                         "return",
                                         "returnmap",
                                         "solve.base"};
constexpr const char* llb_caps[] = {"constraints",
                                    "exporter.multiple",
                                    "exporter.sourcedateepoch",
                                    "exec.meta.cdi",
                                    "exec.meta.cgroup.parent",
                                    "exec.meta.network",
                                    "exec.meta.proxyenv",
                                    "exec.meta.security",
                                    "exec.meta.security.devices.v1",
                                    "exec.meta.ulimit",
                                    "exec.mount.bind",
                                    "exec.mount.cache",
                                    "exec.mount.secret",
                                    "exec.mount.ssh",
                                    "exec.mount.tmpfs",
                                    "exec.secretenv",
                                    "meta.description",
                                    "platform",
                                    "source.git",
                                    "source.http",
                                    "source.image",
                                    "source.local",
                                    "source.local.excludepatterns",
                                    "source.local.followpaths",
                                    "source.local.includepatterns",
                                    "source.local.sessionid",
                                    "source.local.sharedkeyhint",
                                    "source.local.unique"};

} // namespace

std::shared_ptr<Build> BridgeService::build_of(grpc::ServerContext* context, const char* what) {
  const auto& headers = context->client_metadata();
  const auto found = headers.find(build_key);
  if (found == headers.end()) throw std::runtime_error(std::string("forwarding ") + what + ": no buildid found in context");
  const std::string ref(found->second.data(), found->second.size());
  const auto build = builds_.find(ref, [context] { return context->IsCancelled(); });
  if (build == nullptr)
    throw BuildFailed({std::string("forwarding ") + what + ": no such job " + ref, grpc::StatusCode::NOT_FOUND});
  return {std::make_shared<Build::Call>(build), build.get()};
}

grpc::Status BridgeService::Ping(grpc::ServerContext* context, const frontend::PingRequest*, frontend::PongResponse* response) {
  return guarded([&]() -> grpc::Status {
    const auto build = build_of(context, "Ping");
    for (const char* id : frontend_caps) {
      auto* cap = response->add_frontendapicaps();
      cap->set_id(id);
      cap->set_enabled(true);
    }
    for (const char* id : llb_caps) {
      auto* cap = response->add_llbcaps();
      cap->set_id(id);
      cap->set_enabled(true);
    }
    *response->add_workers() = worker(daemon_);
    return grpc::Status::OK;
  });
}

grpc::Status BridgeService::Solve(grpc::ServerContext* context, const frontend::SolveRequest* request,
                                  frontend::SolveResponse* response) {
  return guarded([&]() -> grpc::Status {
    const auto build = build_of(context, "Solve");
    if (request->definition().def_size() > 0)
      throw std::runtime_error("this daemon solves Dockerfiles: definitions (LLB) are not supported");
    if (request->frontendinputs_size() > 0)
      throw std::runtime_error("a context that is the result of another build is not supported by this daemon");
    if (request->sourcepolicies_size() > 0) throw std::runtime_error("source policies are not supported by this daemon");
    const Watch watch([context] { return context->IsCancelled(); }, build->cancellation());
    Solved solved = build->solve(request->frontend(), {request->frontendopt().begin(), request->frontendopt().end()});
    if (request->evaluate()) (void)build->evaluate(solved);
    auto* result = response->mutable_result();
    for (const auto& [name, value] : solved.metadata) (*result->mutable_metadata())[name] = value;
    const std::string id = build->keep(std::move(solved));
    if (request->allowresultarrayref()) {
      result->mutable_ref()->set_id(id);
    } else {
      result->set_refdeprecated(id);
    }
    response->set_ref(id);
    return grpc::Status::OK;
  });
}

grpc::Status BridgeService::Return(grpc::ServerContext* context, const frontend::ReturnRequest* request,
                                   frontend::ReturnResponse*) {
  return guarded([&]() -> grpc::Status {
    const auto build = build_of(context, "Return");
    if (request->has_error()) {
      const auto& error = request->error();
      build->end_with(grpc::Status(static_cast<grpc::StatusCode>(error.code()), error.message(), error.SerializeAsString()));
      return grpc::Status::OK;
    }
    const std::string& id = request->result().has_ref() ? request->result().ref().id() : request->result().refdeprecated();
    build->end_with(build->kept(id).value_or(Solved{}));
    return grpc::Status::OK;
  });
}

grpc::Status BridgeService::Evaluate(grpc::ServerContext* context, const frontend::EvaluateRequest* request,
                                     frontend::EvaluateResponse*) {
  return guarded([&]() -> grpc::Status {
    const auto build = build_of(context, "Evaluate");
    const auto solved = build->kept(request->ref());
    if (!solved) throw std::runtime_error("no such ref: " + request->ref());
    const Watch watch([context] { return context->IsCancelled(); }, build->cancellation());
    (void)build->evaluate(*solved);
    return grpc::Status::OK;
  });
}

grpc::Status BridgeService::Inputs(grpc::ServerContext* context, const frontend::InputsRequest*, frontend::InputsResponse*) {
  return guarded([&]() -> grpc::Status {
    (void)build_of(context, "Inputs");
    return grpc::Status::OK;
  });
}

grpc::Status BridgeService::Warn(grpc::ServerContext* context, const frontend::WarnRequest* request, frontend::WarnResponse*) {
  return guarded([&]() -> grpc::Status {
    const auto build = build_of(context, "Warn");
    wire::VertexWarning warning;
    warning.set_vertex(request->digest());
    warning.set_level(request->level());
    warning.set_short_(request->short_());
    *warning.mutable_detail() = request->detail();
    warning.set_url(request->url());
    *warning.mutable_info() = request->info();
    *warning.mutable_ranges() = request->ranges();
    build->progress().warn(std::move(warning));
    return grpc::Status::OK;
  });
}

grpc::Status BridgeService::ResolveImageConfig(grpc::ServerContext* context, const frontend::ResolveImageConfigRequest* request,
                                               frontend::ResolveImageConfigResponse* response) {
  return guarded([&]() -> grpc::Status {
    const auto build = build_of(context, "ResolveImageConfig");
    Cancellation cancellation;
    const Watch watch([context] { return context->IsCancelled(); }, cancellation);
    const Json image = daemon_.call("GET", "/images/" + url_encode(request->ref()) + "/json", {}, cancellation);
    const auto text = [&](const char* name) {
      return image.contains(name) && image[name].is_string() ? image[name].get<std::string>() : "";
    };
    Json config = {{"architecture", text("Architecture")},
                   {"os", text("Os")},
                   {"created", text("Created")},
                   {"config", image.value("Config", Json::object())}};
    response->set_digest(text("Id"));
    response->set_config(config.dump(-1, ' ', false, Json::error_handler_t::replace));
    response->set_ref(request->ref());
    return grpc::Status::OK;
  });
}

/// Answers to questions ("result.json") can be read as files, too.
grpc::Status BridgeService::ReadFile(grpc::ServerContext* context, const frontend::ReadFileRequest* request,
                                     frontend::ReadFileResponse* response) {
  return guarded([&]() -> grpc::Status {
    const auto build = build_of(context, "ReadFile");
    const auto solved = build->kept(request->ref());
    if (!solved) throw std::runtime_error("no such ref: " + request->ref());
    std::string path = request->filepath();
    while (path.starts_with('/')) path.erase(0, 1);
    const auto found = solved->metadata.find(path);
    if (found == solved->metadata.end())
      throw BuildFailed({"files of an image are not read by this daemon's builds: " + path, grpc::StatusCode::UNIMPLEMENTED});
    response->set_data(found->second);
    return grpc::Status::OK;
  });
}

} // namespace gantry::buildkit
