#include "conformance/runtime_suite.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <thread>

namespace gantry::driver_test {

namespace fs = std::filesystem;

namespace {

constexpr const char* busybox = "/bin/busybox";

void make_rootfs(const std::string& root) {
  for (const char* directory : {"bin", "dev", "etc", "proc", "sys", "tmp"}) fs::create_directories(root + "/" + directory);
  fs::copy_file(busybox, root + "/bin/busybox");
  for (const char* applet : {"sh", "cat", "echo", "sleep", "true", "id", "kill"})
    fs::create_symlink("busybox", root + "/bin/" + applet);
  write_text(root + "/etc/passwd", "root:x:0:0::/:/bin/sh\nuser:x:1000:1000::/:/bin/sh\n");
  write_text(root + "/etc/group", "root:x:0:\nuser:x:1000:\n");
  write_text(root + "/etc/data", "not a program");
}

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

std::string process_json(const std::vector<std::string>& argv) {
  std::string args;
  for (const auto& word : argv) args += (args.empty() ? "" : ",") + quoted(word);
  static const std::string capabilities = R"(["CAP_KILL","CAP_SETUID","CAP_SETGID"])";
  return R"({"terminal":false,"user":{"uid":0,"gid":0},"cwd":"/","env":["PATH=/bin"],"noNewPrivileges":true,"capabilities":{"bounding":)" +
         capabilities + R"(,"effective":)" + capabilities + R"(,"permitted":)" + capabilities + R"(},"args":[)" + args + "]}";
}

std::string spec_json(const std::string& id, const std::vector<std::string>& argv) {
  return R"({"ociVersion":"1.1.0","process":)" + process_json(argv) +
         R"(,"root":{"path":"rootfs"},"hostname":"conformance","mounts":[)" +
         R"({"destination":"/proc","type":"proc","source":"proc","options":["nosuid","noexec","nodev"]},)" +
         R"({"destination":"/dev","type":"tmpfs","source":"tmpfs","options":["nosuid","strictatime","mode=755","size=65536k"]}],)" +
         R"("linux":{"cgroupsPath":"/gantry-check-)" + id +
         R"(","namespaces":[{"type":"pid"},{"type":"mount"},{"type":"ipc"},{"type":"uts"},{"type":"network"}]}})";
}

} // namespace

void RuntimeSuite::SetUp() {
  if (::access(busybox, X_OK) != 0) GTEST_SKIP() << "needs " << busybox << " (Debian package busybox-static)";
  make_rootfs(scratch("rootfs"));
  driver_ = subject().runtime();
}

void RuntimeSuite::TearDown() {
  if (!driver_) return;
  for (const auto& id : ids_) driver().remove(call, id, true);
}

void RuntimeSuite::restart() {
  driver_.reset();
  driver_ = subject().runtime();
}

RuntimeCreate RuntimeSuite::request_argv(const std::string& id, const std::vector<std::string>& argv) {
  fs::create_directories(scratch(id));
  RuntimeCreate create;
  // Unique on the machine, as an engine's ids are: cgroups are shared with whatever else runs here.
  create.id = id;
  create.bundle = scratch(id);
  create.oci_spec_json = spec_json(std::to_string(::getpid()) + "-" + id, argv);
  create.rootfs = {{"bind", scratch("rootfs"), "", {"rbind", "rw"}}};
  create.log.path = log_path(id);
  ids_.push_back(id);
  return create;
}

RuntimeCreate RuntimeSuite::request(const std::string& id, const std::string& script) {
  return request_argv(id, {"/bin/sh", "-c", script});
}

RuntimeExec RuntimeSuite::exec_request(const std::string& id, const std::string& exec_id, const std::string& script) {
  RuntimeExec exec;
  exec.id = id;
  exec.exec_id = exec_id;
  exec.oci_process_json = process_json({"/bin/sh", "-c", script});
  return exec;
}

RuntimeProcess RuntimeSuite::run(const RuntimeCreate& create) {
  RuntimeProcess process = driver().create(call, create);
  driver().start(call, create.id);
  return process;
}

RuntimeExit RuntimeSuite::wait(const RuntimeProcess& process, const std::string& id, const std::string& exec_id) {
  pollfd readable{process.exit_fd.get(), POLLIN, 0};
  if (::poll(&readable, 1, 20'000) != 1) throw Error(Code::deadline_exceeded, "the process has not ended within 20 s");
  const auto exit = driver().exit_info(call, id, exec_id);
  if (!exit) throw Error(Code::internal, "exit_fd is readable and there is no exit_info");
  return *exit;
}

bool RuntimeSuite::logged(const std::string& id, const std::string& text) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (read_text(log_path(id)).find(text) == std::string::npos) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

} // namespace gantry::driver_test
