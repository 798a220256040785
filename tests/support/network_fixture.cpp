#include "support/network_fixture.hpp"

#include <sstream>

#include "support/need.hpp"
#include "support/rootfs.hpp"

namespace gantry::test {

void NetworkFixture::SetUp() {
  for (const auto& why : {need_root(), need_busybox(), need_network_tools()})
    if (!why.empty()) GTEST_SKIP() << why;
  daemon.start();
  import_busybox(daemon);
}

void NetworkFixture::TearDown() {
  if (daemon.pid() < 0) return;
  std::istringstream lines(gantry({"ps", "-aq"}).out);
  for (std::string id; std::getline(lines, id);) gantry({"rm", "-f", id});
  daemon.terminate();
  forget_networks();
}

void NetworkFixture::ok(const std::vector<std::string>& args) const {
  const Output o = gantry(args);
  EXPECT_EQ(o.code, 0) << args[0] << " " << args[1] << ": " << o.err;
}

void NetworkFixture::fails(const std::vector<std::string>& args, const std::string& text) const {
  const Output o = gantry(args);
  EXPECT_NE(o.code, 0) << args.back();
  EXPECT_NE(o.err.find(text), std::string::npos) << o.err << "\nexpected: " << text;
}

void NetworkFixture::start(const std::string& name, const std::vector<std::string>& options, const std::string& command) const {
  std::vector<std::string> args{"run", "-d", "--name", name};
  args.insert(args.end(), options.begin(), options.end());
  for (const char* word : {"busybox", "sh", "-c"}) args.emplace_back(word);
  args.push_back(command);
  ok(args);
}

void NetworkFixture::idle(const std::string& name, const std::vector<std::string>& options) const {
  start(name, options, "exec sleep 1000");
}

void NetworkFixture::serve(const std::string& name, const std::vector<std::string>& options) const {
  start(name, options, "mkdir -p /w; echo " + name + " >/w/index.html; exec httpd -f -v -h /w -p 80");
}

std::string NetworkFixture::in(const std::string& name, const std::string& command) const {
  return gantry({"exec", name, "sh", "-c", command}).out;
}

std::string NetworkFixture::inspect(const std::string& name, const std::string& format) const {
  std::string out = gantry({"inspect", "-f", format, name}).out;
  while (!out.empty() && out.back() == '\n') out.pop_back();
  return out;
}

bool NetworkFixture::served(const std::string& url, const std::string& name) {
  return eventually([&] { return fetch(url) == name + "\n"; });
}

} // namespace gantry::test
