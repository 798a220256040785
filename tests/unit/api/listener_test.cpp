#include "api/listener.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace gantry::api {
namespace {

class ListenOn : public testing::Test {
 protected:
  ListenOn() {
    char name[] = "/tmp/gantry-listen-XXXXXX";
    dir_ = ::mkdtemp(name);
  }
  ~ListenOn() override { std::filesystem::remove_all(dir_); }

  std::string refusal(const std::string& host, const std::string& group = "") {
    try {
      listen_on(host, group);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  std::string dir_;
};

TEST_F(ListenOn, gives_the_socket_mode_0660) {
  const auto listener = listen_on("unix://" + dir_ + "/s", "");
  struct stat info {};
  ASSERT_EQ(::stat((dir_ + "/s").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0660U);
  EXPECT_EQ(listener.endpoint, "unix://" + dir_ + "/s");
}

TEST_F(ListenOn, replaces_a_stale_socket) {
  listen_on("unix://" + dir_ + "/s", "");
  ASSERT_TRUE(std::filesystem::exists(dir_ + "/s"));
  EXPECT_EQ(refusal("unix://" + dir_ + "/s"), "");
}

TEST_F(ListenOn, refuses_a_live_socket) {
  const auto living = listen_on("unix://" + dir_ + "/s", "");
  EXPECT_EQ(refusal("unix://" + dir_ + "/s"), "cannot listen on unix://" + dir_ + "/s: another process serves this socket");
}

TEST_F(ListenOn, leaves_other_files_alone) {
  std::ofstream(dir_ + "/s") << "precious";
  EXPECT_NE(refusal("unix://" + dir_ + "/s").find("exists and is not a socket"), std::string::npos);
  EXPECT_TRUE(std::filesystem::is_regular_file(dir_ + "/s"));
}

TEST_F(ListenOn, names_a_missing_directory) {
  EXPECT_EQ(refusal("unix://" + dir_ + "/no/s"),
            "cannot listen on unix://" + dir_ + "/no/s: directory " + dir_ + "/no: No such file or directory");
}

TEST_F(ListenOn, names_a_missing_group_and_leaves_nothing_bound) {
  EXPECT_EQ(refusal("unix://" + dir_ + "/s", "no-such-group"), "group \"no-such-group\" for the API socket does not exist");
  EXPECT_FALSE(std::filesystem::exists(dir_ + "/s"));
}

TEST_F(ListenOn, malformed_hosts_are_refused) {
  for (const auto* host : {"", "/run/x.sock", "unix://relative", "tcp://", "tcp://127.0.0.1",
                           "tcp://127.0.0.1:", "tcp://127.0.0.1:x", "tcp://127.0.0.1:70000", "http://127.0.0.1:80"})
    EXPECT_NE(refusal(host), "") << host;
  EXPECT_NE(refusal("unix:///" + std::string(200, 'a')).find("at most 107 bytes"), std::string::npos);
}

TEST_F(ListenOn, tells_the_port_that_it_got) {
  const auto listener = listen_on("tcp://127.0.0.1:0", "");
  EXPECT_EQ(listener.endpoint.rfind("tcp://127.0.0.1:", 0), 0U);
  EXPECT_NE(listener.endpoint, "tcp://127.0.0.1:0");
}

} // namespace
} // namespace gantry::api
