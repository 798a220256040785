// Images that go to the client: buildkit/solve/exports.hpp.
#include "buildkit/solve/exports.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <grpcpp/server_posix.h>
#include <gtest/gtest.h>

#include <thread>

#include "buildkit/sockets.hpp"
#include "filesync.grpc.pb.h"
#include "peers.hpp"

namespace gantry::buildkit {
namespace {

using moby::filesync::v1::Opaque;
using testing::Contains;
using testing::HasSubstr;

/// Takes a file of any content.
class FileTarget final : public moby::filesync::v1::FileSend::Service {
 public:
  grpc::Status DiffCopy(grpc::ServerContext*, grpc::ServerReaderWriter<Opaque, Opaque>* stream) override {
    Opaque piece;
    while (stream->Read(&piece)) {
    }
    return grpc::Status::OK;
  }
};

/// A daemon in whose store localhost/old:1 is sha256:old.
class Store {
 public:
  explicit Store(int control) : thread_([this, control] { serve(control); }) {}
  ~Store() { finish(); }
  /// After the other end of `control` has been closed.
  void finish() {
    if (thread_.joinable()) thread_.join();
  }
  std::vector<std::string> changes; ///< requests other than GET

 private:
  void serve(int control) {
    for (UniqueFd connection = receive_fd(control); connection; connection = receive_fd(control)) {
      std::string request;
      char bytes[4096];
      for (ssize_t n = 1; n > 0 && request.find("\r\n\r\n") == std::string::npos;) {
        n = ::recv(connection.get(), bytes, sizeof bytes, 0);
        if (n > 0) request.append(bytes, static_cast<std::size_t>(n));
      }
      const std::string line = request.substr(0, request.find(" HTTP"));
      if (!line.starts_with("GET ")) changes.push_back(line);
      std::string body = "{}", status = "200 OK";
      if (line.starts_with("GET /images/localhost%2Fold%3A1/json")) body = R"({"Id":"sha256:old"})";
      if (line.starts_with("GET /images/localhost%2Fnew%3A1/json")) status = "404 Not Found";
      send_all(connection.get(), "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body,
               never_);
    }
  }
  const Cancellation never_;
  std::thread thread_;
};

TEST(Exports, lend_names_of_an_archive_only) {
  FileTarget target;
  grpc::ServerBuilder builder;
  builder.RegisterService(&target);
  const auto server = builder.BuildAndStart();
  Pair client(SOCK_STREAM), control(SOCK_SEQPACKET);
  ::fcntl(client.other.get(), F_SETFL, O_NONBLOCK);
  grpc::AddInsecureChannelFromFd(server.get(), client.other.release());
  Sessions sessions;
  sessions.add(std::make_shared<Session>(Json{{"X-Docker-Expose-Session-Uuid", {"u"}},
                                              {"X-Docker-Expose-Session-Grpc-Method", {"/moby.filesync.v1.FileSend/DiffCopy"}}},
                                         std::move(client.one)));
  BuildWish wish;
  wish.session = "u";
  wish.exports = {{"docker", {{"name", "localhost/old:1,localhost/new:1"}}}};
  Progress progress("p");
  Cancellation cancellation;
  {
    Store store(control.other.get());
    Daemon daemon(control.one.get());
    try {
      (void)Exports(daemon, sessions, wish, progress, cancellation).write("sha256:built");
    } catch (const std::exception& e) {
      ADD_FAILURE() << e.what();
    }
    control.one.reset();
    store.finish();
    ASSERT_EQ(store.changes.size(), 5u);
    EXPECT_THAT(store.changes[0], HasSubstr("POST /images/sha256:built/tag?repo=localhost%2Fold&tag=1"));
    EXPECT_THAT(store.changes[1], HasSubstr("POST /images/sha256:built/tag?repo=localhost%2Fnew&tag=1"));
    EXPECT_THAT(store.changes, Contains(HasSubstr("POST /images/sha256:old/tag?repo=localhost%2Fold&tag=1")));
    EXPECT_THAT(store.changes, Contains(HasSubstr("DELETE /images/localhost%2Fnew%3A1")));
  }
  server->Shutdown(std::chrono::system_clock::now());
}

} // namespace
} // namespace gantry::buildkit
