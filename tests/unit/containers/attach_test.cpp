#include <sys/socket.h>

#include <fstream>

#include "service_fixture.hpp"

namespace gantry::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ContainerAttach : public ServiceTest {
 protected:
  /// The daemon's end of a new connection; the client's is kept in `client`.
  AttachRequest connection() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) throw std::runtime_error("socketpair");
    client.reset(ends[0]);
    AttachRequest request;
    request.client.reset(ends[1]);
    request.out = request.err = request.stream = true;
    return request;
  }
  std::string received() const {
    std::string all;
    char block[4096];
    for (ssize_t n; (n = ::read(client.get(), block, sizeof block)) > 0;) all.append(block, static_cast<std::size_t>(n));
    return all;
  }
  UniqueFd client;
};

TEST_F(ContainerAttach, a_client_of_a_created_container_waits_for_its_start) {
  const std::string id = daemon->create();
  daemon->run(service().attach(id, connection()));
  EXPECT_THAT(daemon->runtime.attached(), IsEmpty());
  daemon->run(service().start(id));
  EXPECT_THAT(daemon->runtime.attached(), ElementsAre(id));
}

TEST_F(ContainerAttach, the_reply_is_sent_only_when_a_start_cannot_overtake_the_client) {
  const std::string id = daemon->create();
  AttachRequest request = connection();
  request.greeting = "HTTP/1.1 101 UPGRADED\r\n\r\n";
  daemon->run(service().attach(id, std::move(request)));
  char reply[64] = {};
  EXPECT_GT(::recv(client.get(), reply, sizeof reply - 1, MSG_DONTWAIT), 0);
  EXPECT_STREQ(reply, "HTTP/1.1 101 UPGRADED\r\n\r\n");
  daemon->run(service().start(id));
  EXPECT_THAT(daemon->runtime.attached(), ElementsAre(id));
}

TEST_F(ContainerAttach, several_clients_may_wait) {
  const std::string id = daemon->create();
  AttachRequest first = connection();
  const UniqueFd first_client = std::move(client);
  daemon->run(service().attach(id, std::move(first)));
  daemon->run(service().attach(id, connection()));
  daemon->run(service().start(id));
  EXPECT_THAT(daemon->runtime.attached(), ElementsAre(id, id));
}

TEST_F(ContainerAttach, a_client_that_hung_up_while_waiting_is_forgotten) {
  const std::string id = daemon->create();
  daemon->run(service().attach(id, connection()));
  daemon->run(service().attach(id, connection())); // closes the first client
  daemon->run(service().start(id));
  EXPECT_THAT(daemon->runtime.attached(), ElementsAre(id));
}

TEST_F(ContainerAttach, a_failed_start_closes_the_waiting_clients) {
  const std::string id = daemon->create();
  daemon->run(service().attach(id, connection()));
  daemon->runtime.fail_next_start(Error(Code::not_found, "no", std::string("command_not_found")));
  error_of([&] { daemon->run(service().start(id)); });
  EXPECT_EQ(received(), "");
}

TEST_F(ContainerAttach, removal_closes_the_waiting_clients) {
  const std::string id = daemon->create();
  daemon->run(service().attach(id, connection()));
  daemon->run(service().remove(id, {}));
  EXPECT_EQ(received(), "");
}

TEST_F(ContainerAttach, a_client_of_a_running_container_goes_to_the_shim) {
  const std::string id = daemon->create();
  daemon->run(service().start(id));
  daemon->run(service().attach(id, connection()));
  EXPECT_THAT(daemon->runtime.attached(), ElementsAre(id));
}

TEST_F(ContainerAttach, paused_containers_are_refused_in_dockers_words) {
  const std::string id = daemon->create("web");
  daemon->run(service().start(id));
  daemon->run(service().pause(id));
  const Error error = error_of([&] { service().check_attach("web"); });
  EXPECT_EQ(error.code(), Code::forbidden_state);
  EXPECT_STREQ(error.what(), "container web is paused, unpause the container before attach");
}

TEST_F(ContainerAttach, replays_the_log_of_a_stopped_container_in_frames) {
  const std::string id = daemon->create();
  std::ofstream(daemon->paths.container_log(id)) << R"({"log":"hi\n","stream":"stderr","time":"2024-01-02T03:04:05Z"})"
                                                 << "\n";
  AttachRequest request = connection();
  request.logs = true;
  request.stream = false;
  daemon->run(service().attach(id, std::move(request)));
  EXPECT_EQ(received(), std::string("\x02\0\0\0\0\0\0\x03hi\n", 11));
}

} // namespace
} // namespace gantry::test
