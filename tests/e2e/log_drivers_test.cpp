// Log drivers as users see them: files, delivery, and what survives when something is away.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <filesystem>
#include <optional>

#include <gantry/sdk/fd.hpp>

#include "support/daemon.hpp"
#include "support/need.hpp"
#include "support/rootfs.hpp"

namespace gantry::test {
namespace {

/// A syslog server on TCP or UDP that keeps what it hears.
class SyslogServer {
 public:
  /// Port 0: a free one.
  explicit SyslogServer(int type, int port = 0)
      : stream_(type == SOCK_STREAM), socket_(::socket(AF_INET, type | SOCK_CLOEXEC, 0)) {
    const int on = 1;
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    if (stream_) ::listen(socket_.get(), 8);
    ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  int port() const { return port_; }
  std::string address() const { return (stream_ ? "tcp://127.0.0.1:" : "udp://127.0.0.1:") + std::to_string(port_); }
  const std::string& heard() const { return heard_; }
  bool hears(const std::string& text) {
    return eventually([&] { return pump(), heard_.find(text) != std::string::npos; }, std::chrono::seconds(30));
  }

 private:
  void pump() {
    std::vector<pollfd> fds = {{socket_.get(), POLLIN, 0}};
    for (const auto& client : clients_) fds.push_back({client.get(), POLLIN, 0});
    while (::poll(fds.data(), fds.size(), 0) > 0) {
      bool open = false;
      for (std::size_t i = stream_ ? 1 : 0; i < fds.size(); ++i) {
        if (!(fds[i].revents & (POLLIN | POLLHUP))) continue;
        char block[65536];
        const ssize_t n = ::recv(fds[i].fd, block, sizeof block, MSG_DONTWAIT);
        if (n > 0) heard_.append(block, static_cast<std::size_t>(n));
        if (n > 0) open = true;
        if (n == 0) fds[i].fd = -1;
      }
      if (stream_ && (fds[0].revents & POLLIN)) {
        clients_.emplace_back(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        return;
      }
      if (!open) return;
    }
  }

  bool stream_;
  UniqueFd socket_;
  int port_ = 0;
  std::vector<UniqueFd> clients_;
  std::string heard_;
};

class LogDrivers : public testing::Test {
 protected:
  void SetUp() override {
    if (auto why = need_root() + need_busybox(); !why.empty()) GTEST_SKIP() << why;
    daemon.start();
    import_busybox(daemon);
  }
  /// A container that prints; `options` are for run.
  Output run(std::vector<std::string> options, const std::string& script) {
    std::vector<std::string> args = {"run", "--network", "none"};
    args.insert(args.end(), options.begin(), options.end());
    for (const char* word : {"busybox", "sh", "-c"}) args.emplace_back(word);
    args.push_back(script);
    return daemon.gantry(args);
  }
  std::vector<std::string> syslog(const std::string& name, const std::string& address) const {
    return {"--name", name, "--log-driver", "syslog", "--log-opt", "syslog-address=" + address, "--log-opt", "tag={{.Name}}"};
  }
  std::string delivery(const std::string& name, const std::string& field) {
    return daemon.gantry({"inspect", "--format", "{{.Gantry.LogDelivery." + field + "}}", name}).out;
  }
  std::string log_directory(const std::string& name) {
    std::string id = daemon.gantry({"inspect", "--format", "{{.Id}}", name}).out;
    id.erase(id.find_last_not_of('\n') + 1);
    return daemon.data_root() + "/containers/" + id + "/" + id + "-json.log";
  }
  static std::string numbers(int first, int last) {
    std::string text;
    for (int i = first; i <= last; ++i) text += std::to_string(i) + "\n";
    return text;
  }

  Daemon daemon;
};

TEST_F(LogDrivers, json_file_carries_labels_variables_and_the_tag) {
  run({"--name", "box", "--label", "y=b c&=", "--label", "z=no", "-e", "E=2", "--log-opt", "labels=y", "--log-opt", "env=E",
       "--log-opt", "tag={{.Name}}/{{.ImageName}}"},
      "echo hi");
  EXPECT_EQ(daemon.gantry({"logs", "--details", "box"}).out, "E=2,tag=box%2Fbusybox,y=b+c%26%3D hi\n");
  EXPECT_EQ(daemon.gantry({"logs", "box"}).out, "hi\n");
}

TEST_F(LogDrivers, rotated_files_are_compressed_and_still_read) {
  run({"--name", "box", "--log-opt", "max-size=20k", "--log-opt", "max-file=60", "--log-opt", "compress=true"}, "seq 1 10000");
  const std::string log = log_directory("box");
  EXPECT_TRUE(eventually([&] { return std::filesystem::exists(log + ".1.gz") && !std::filesystem::exists(log + ".1"); },
                         std::chrono::seconds(30)));
  EXPECT_TRUE(daemon.gantry({"logs", "box"}).out == numbers(1, 10000));
  EXPECT_EQ(daemon.gantry({"logs", "--tail", "3", "box"}).out, "9998\n9999\n10000\n");
}

TEST_F(LogDrivers, local_keeps_every_byte) {
  run({"--name", "box", "--log-driver", "local"}, R"(printf '\377\000\303\251\302\n')");
  EXPECT_EQ(daemon.gantry({"logs", "box"}).out, std::string("\xff\0\xc3\xa9\xc2\n", 6));
  EXPECT_EQ(daemon.gantry({"inspect", "--format", "{{.LogPath}}", "box"}).out, "\n");
}

TEST_F(LogDrivers, of_no_such_name_and_wrong_options_are_refused_at_create) {
  const auto refusal = [&](std::vector<std::string> options) { return run(std::move(options), "true").err; };
  EXPECT_NE(refusal({"--log-driver", "foo"}).find("error looking up logging plugin foo: plugin \"foo\" not found"),
            std::string::npos);
  EXPECT_NE(refusal({"--log-driver", "gelf"}).find("gelf-address is a required parameter"), std::string::npos);
  EXPECT_NE(refusal({"--log-driver", "fluentd", "--log-opt", "foo=1"}).find("unknown log opt 'foo' for fluentd log driver"),
            std::string::npos);
  EXPECT_EQ(daemon.gantry({"ps", "-aq"}).out, "");
}

TEST_F(LogDrivers, are_listed_by_info) {
  EXPECT_EQ(daemon.gantry({"info", "--format", "{{json .Plugins.Log}}"}).out,
            "[\"fluentd\",\"gelf\",\"journald\",\"json-file\",\"local\",\"syslog\"]\n");
}

TEST_F(LogDrivers, syslog_hears_every_line_over_udp_and_logs_still_works) {
  SyslogServer server(SOCK_DGRAM);
  run(syslog("box", server.address()), "echo one; echo two >&2");
  EXPECT_TRUE(server.hears("two"));
  EXPECT_NE(server.heard().find("<30>"), std::string::npos) << server.heard();
  EXPECT_NE(server.heard().find("<27>"), std::string::npos) << server.heard();
  EXPECT_NE(server.heard().find(" box["), std::string::npos) << server.heard();
  const Output logs = daemon.gantry({"logs", "box"});
  EXPECT_EQ(logs.out, "one\n");
  EXPECT_EQ(logs.err, "two\n");
  EXPECT_TRUE(eventually([&] { return delivery("box", "Delivered") == "2\n"; }));
}

TEST_F(LogDrivers, a_removed_container_has_delivered_its_last_lines) {
  SyslogServer server(SOCK_DGRAM);
  auto options = syslog("box", server.address());
  options.emplace_back("--rm");
  run(options, "echo last words");
  EXPECT_TRUE(server.hears("last words"));
}

TEST_F(LogDrivers, nothing_is_lost_while_the_target_and_the_daemon_are_away) {
  std::optional<SyslogServer> server(std::in_place, SOCK_STREAM);
  const int port = server->port();
  const auto address = server->address();
  server.reset();
  auto options = syslog("box", address);
  options.emplace_back("-d");
  ASSERT_EQ(run(options, "i=1; while [ $i -le 400 ]; do echo line $i.; i=$((i+1)); sleep 0.01; done").code, 0)
      << "a dead target must not keep it from starting";
  EXPECT_TRUE(eventually([&] { return delivery("box", "Error").find("Connection refused") != std::string::npos; },
                         std::chrono::seconds(30)));
  daemon.kill();
  server.emplace(SOCK_STREAM, port);
  daemon.start();
  EXPECT_TRUE(server->hears("line 5."));
  // In the middle of it, twice.
  for (int i = 0; i < 2; ++i) {
    daemon.kill();
    daemon.start();
  }
  EXPECT_TRUE(server->hears("line 400."));
  for (int i = 1; i <= 400; ++i) EXPECT_NE(server->heard().find("line " + std::to_string(i) + "."), std::string::npos) << i;
  EXPECT_EQ(delivery("box", "Dropped"), "0\n");
}

TEST_F(LogDrivers, what_a_dead_target_misses_is_bounded_by_rotation_and_counted) {
  std::optional<SyslogServer> server(std::in_place, SOCK_STREAM);
  const int port = server->port();
  const auto address = server->address();
  server.reset();
  auto options = syslog("box", address);
  for (const char* word : {"--log-opt", "cache-max-size=20k", "--log-opt", "cache-max-file=2"}) options.emplace_back(word);
  EXPECT_EQ(run(options, "seq 1 10000").out, numbers(1, 10000));
  server.emplace(SOCK_STREAM, port);
  EXPECT_TRUE(server->hears("]: 10000\n"));
  EXPECT_TRUE(eventually([&] {
    const auto delivered = std::atoi(delivery("box", "Delivered").c_str());
    const auto dropped = std::atoi(delivery("box", "Dropped").c_str());
    return delivered > 0 && dropped > 0 && delivered + dropped == 10000;
  })) << delivery("box", "Delivered")
      << delivery("box", "Dropped");
}

TEST(LogDriverDefaults, of_the_daemon_are_seen_in_the_container) {
  if (auto why = need_root() + need_busybox(); !why.empty()) GTEST_SKIP() << why;
  Daemon daemon({"--log-driver", "local", "--log-opt", "max-size=1m"});
  daemon.start();
  import_busybox(daemon);
  daemon.gantry({"create", "--name", "first", "--network", "none", "busybox"});
  daemon.gantry({"create", "--name", "second", "--network", "none", "--log-driver", "json-file", "busybox"});
  const auto shown = [&](const char* name) {
    return daemon.gantry({"inspect", "--format", "{{json .HostConfig.LogConfig}}", name}).out;
  };
  EXPECT_EQ(shown("first"), "{\"Type\":\"local\",\"Config\":{\"max-size\":\"1m\"}}\n");
  EXPECT_EQ(shown("second"), "{\"Type\":\"json-file\",\"Config\":{}}\n");
}

TEST(LogDriverDefaults, that_do_not_exist_keep_the_daemon_from_starting) {
  if (auto why = need_root(); !why.empty()) GTEST_SKIP() << why;
  for (const auto& [flags, text] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"--log-driver", "foo"}, "logger: no log driver named 'foo' is registered"},
           {{"--log-driver", "gelf"}, "gelf-address is a required parameter"},
           {{"--log-opt", "frob=1"}, "unknown log opt 'frob' for json-file log driver"}}) {
    Daemon daemon(flags);
    daemon.launch();
    const Output ended = daemon.wait_exit();
    EXPECT_NE(ended.code, 0);
    EXPECT_NE((ended.err + ended.out + daemon.log()).find(text), std::string::npos) << ended.err << daemon.log();
  }
}

} // namespace
} // namespace gantry::test
