#include "support/registry.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "support/http_server.hpp"

namespace gantry::test {
namespace fs = std::filesystem;
namespace {

void write(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

std::string make_dir() {
  char name[] = "/tmp/gr.XXXXXX";
  return ::mkdtemp(name);
}

void make_certificate(const std::string& dir) {
  const auto made =
      run({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=registry.test", "-addext",
           "subjectAltName=IP:127.0.0.1,IP:10.77.0.1", "-keyout", dir + "/key.pem", "-out", dir + "/cert.pem"});
  if (made.code != 0) throw std::runtime_error("openssl: " + made.err);
}

} // namespace

std::string need_registry() {
  for (const char* program : {"/usr/bin/docker-registry", "/usr/bin/skopeo", "/usr/bin/curl", "/usr/bin/htpasswd"})
    if (::access(program, X_OK) != 0) return std::string("needs ") + program;
  return "";
}

RegistryProcess::RegistryProcess(Auth auth, Tls tls)
    : dir_(make_dir()), scheme_(tls == Tls::yes ? "https" : "http"), port_(free_port()) {
  std::string config =
      "version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\n"
      "storage: {filesystem: {rootdirectory: " +
      dir_ +
      "/data}, delete: {enabled: true}}\n"
      "http:\n  addr: 0.0.0.0:" +
      std::to_string(port_) + "\n";
  if (tls == Tls::yes) {
    make_certificate(dir_);
    config += "  tls: {certificate: " + dir_ + "/cert.pem, key: " + dir_ + "/key.pem}\n";
  }
  if (auth == Auth::basic) {
    user_ = "user:secret";
    write(dir_ + "/users", run({"htpasswd", "-Bbn", "user", "secret"}).out);
    config += "auth: {htpasswd: {realm: test, path: " + dir_ + "/users}}\n";
  }
  write(dir_ + "/config.yml", config);
  CommandOptions options;
  options.deadline = std::chrono::seconds(600);
  process_ = std::make_unique<Command>(std::vector<std::string>{"/bin/sh", "-c", "exec docker-registry serve \"$1\" >\"$2\" 2>&1",
                                                                "sh", dir_ + "/config.yml", dir_ + "/log"},
                                       options);
  const std::vector<std::string> probe{"curl", "-sk", "-o", "/dev/null", scheme_ + "://" + host() + "/v2/"};
  if (!eventually([&] { return run(probe).code == 0; }, std::chrono::seconds(30)))
    ADD_FAILURE() << "docker-registry does not answer";
}

RegistryProcess::~RegistryProcess() {
  process_->signal(SIGTERM);
  process_.reset();
  std::error_code ignored;
  fs::remove_all(dir_, ignored);
}

void RegistryProcess::put_archive(const std::string& archive, const std::string& name_and_tag) const {
  const auto path = dir_ + "/archive.tar";
  write(path, archive);
  std::vector<std::string> argv{"skopeo", "--insecure-policy", "copy", "--dest-tls-verify=false"};
  if (!user_.empty()) argv.insert(argv.end(), {"--dest-creds", user_});
  argv.insert(argv.end(), {"docker-archive:" + path, "docker://" + host() + "/" + name_and_tag});
  const auto done = run(argv);
  if (done.code != 0) throw std::runtime_error("skopeo: " + done.err);
}

std::string RegistryProcess::get(const std::string& path, const std::string& accept) const {
  std::vector<std::string> argv{"curl", "-sSfk"};
  if (!user_.empty()) argv.insert(argv.end(), {"-u", user_});
  if (!accept.empty()) argv.insert(argv.end(), {"-H", "Accept: " + accept});
  argv.push_back(scheme_ + "://" + host() + "/v2/" + path);
  const auto done = run(argv);
  if (done.code != 0) throw std::runtime_error("curl " + path + ": " + done.err);
  return done.out;
}

void RegistryProcess::put_manifest(const std::string& path, const std::string& media_type, const std::string& body) const {
  CommandOptions options;
  options.input = body;
  std::vector<std::string> argv{"curl", "-sSfk", "-X", "PUT", "-H", "Content-Type: " + media_type, "--data-binary", "@-"};
  if (!user_.empty()) argv.insert(argv.end(), {"-u", user_});
  argv.push_back(scheme_ + "://" + host() + "/v2/" + path);
  const auto done = run(argv, options);
  if (done.code != 0) throw std::runtime_error("curl " + path + ": " + done.err);
}

} // namespace gantry::test
