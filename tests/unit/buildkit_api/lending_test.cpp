// What the engine asks of a client's session: buildkit/session/lending.hpp.
#include "buildkit/session/lending.hpp"

#include <fcntl.h>
#include <grpcpp/server_posix.h>
#include <gtest/gtest.h>

#include <future>

#include "buildkit/sockets.hpp"
#include "peers.hpp"
#include "ssh.grpc.pb.h"

namespace gantry::buildkit {
namespace {

/// An agent that takes messages and never answers.
class SilentAgent final : public moby::sshforward::v1::SSH::Service {
 public:
  grpc::Status ForwardAgent(grpc::ServerContext* context, grpc::ServerReaderWriter<raw::Bytes, raw::Bytes>* stream) override {
    raw::Bytes piece;
    while (stream->Read(&piece)) asked.store(true);
    (void)context;
    return grpc::Status::OK;
  }
  std::atomic<bool> asked = false;
};

TEST(Lending, ends_although_an_agent_does_not_answer) {
  SilentAgent agent;
  grpc::ServerBuilder builder;
  builder.RegisterService(&agent);
  const auto server = builder.BuildAndStart();
  Pair client(SOCK_STREAM), control(SOCK_SEQPACKET);
  ::fcntl(client.other.get(), F_SETFL, O_NONBLOCK);
  grpc::AddInsecureChannelFromFd(server.get(), client.other.release());
  const auto session =
      std::make_shared<Session>(Json{{"X-Docker-Expose-Session-Uuid", {"u"}},
                                     {"X-Docker-Expose-Session-Grpc-Method", {"/moby.sshforward.v1.SSH/ForwardAgent"}}},
                                std::move(client.one));
  Daemon daemon(control.one.get());
  Cancellation never;
  UniqueFd engine;
  std::thread asking([&] {
    engine = receive_fd(control.other.get());
    send_all(engine.get(),
             "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n{\"Id\":\"l\"}\n"
             "{\"Agent\":\"default\",\"Connection\":1,\"Message\":\"Cw==\"}\n",
             never);
  });
  auto lending = std::make_unique<Lending>(daemon, session, never);
  asking.join();
  EXPECT_EQ(lending->id(), "l");
  for (int i = 0; i < 500 && !agent.asked; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_TRUE(agent.asked);
  auto ended = std::async(std::launch::async, [&] { lending.reset(); });
  const bool in_time = ended.wait_for(std::chrono::seconds(10)) == std::future_status::ready;
  EXPECT_TRUE(in_time);
  EXPECT_FALSE(never.cancelled()) << "the build's is not touched";
  server->Shutdown(std::chrono::system_clock::now()); // ends it also when it hangs
}

} // namespace
} // namespace gantry::buildkit
