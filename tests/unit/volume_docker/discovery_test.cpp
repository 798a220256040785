#include "volume-docker/discovery.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include <gantry/sdk/error.hpp>
#include <gantry/sdk/fd.hpp>

namespace gantry::volume_docker {
namespace {

class PluginDiscovery : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/discoveryXXXXXX";
    root = ::mkdtemp(name);
    for (const char* directory : {"/run", "/etc", "/usr"}) std::filesystem::create_directories(root + directory);
    places = {root + "/run", {root + "/etc", root + "/usr"}};
  }
  void TearDown() override { std::filesystem::remove_all(root); }
  void listen(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    sockets.emplace_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::bind(sockets.back().get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0) << path;
  }
  void write(const std::string& path, const std::string& text) { std::ofstream(root + path) << text; }
  std::string root;
  Places places;
  std::vector<UniqueFd> sockets;
};

TEST_F(PluginDiscovery, sockets_come_before_files_and_files_in_order) {
  listen(root + "/run/one.sock");
  std::filesystem::create_directories(root + "/run/two");
  listen(root + "/run/two/two.sock");
  write("/etc/one.spec", "tcp://localhost:1");
  write("/etc/three.spec", " unix:///x/y.sock\n");
  write("/usr/three.spec", "tcp://other:2");
  write("/usr/four.json", R"({"Name": "four", "Addr": "http://[::1]:80/x"})");
  EXPECT_EQ(find_plugin(places, "one")->path, root + "/run/one.sock");
  EXPECT_EQ(find_plugin(places, "two")->path, root + "/run/two/two.sock");
  EXPECT_EQ(find_plugin(places, "three")->path, "/x/y.sock");
  EXPECT_EQ(find_plugin(places, "four")->host, "::1");
  EXPECT_EQ(find_plugin(places, "four")->port, "80");
  EXPECT_EQ(plugin_names(places), (std::vector<std::string>{"four", "one", "three", "two"}));
}

TEST_F(PluginDiscovery, names_lead_nowhere_else) {
  listen(root + "/x.sock");
  for (const char* name : {"../x", "", ".", "..", "a/b", "nope", ".hidden"}) EXPECT_FALSE(find_plugin(places, name)) << name;
}

TEST_F(PluginDiscovery, files_that_say_nothing_usable_are_told) {
  const char* const texts[] = {"", "nonsense", "unix://relative", "tcp://nohost", "tcp://:1", "ftp://a:1"};
  for (const char* text : texts) {
    write("/etc/bad.spec", text);
    EXPECT_THROW((void)find_plugin(places, "bad"), Error) << text;
  }
  std::filesystem::remove(root + "/etc/bad.spec");
  for (const char* text : {"", "[]", "{}", R"({"Addr": 1})", R"({"Addr": "tcp://a:1", "TLSConfig": {}})"}) {
    write("/etc/bad.json", text);
    EXPECT_THROW((void)find_plugin(places, "bad"), Error) << text;
  }
}

} // namespace
} // namespace gantry::volume_docker
