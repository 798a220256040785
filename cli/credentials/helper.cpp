#include "cli/credentials/helper.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "gantry/sdk/fd.hpp"

extern char** environ;

namespace gantry::cli {
namespace {

constexpr const char* token_user = "<token>";
constexpr std::size_t answer_max = 1 << 20;

struct Pipe {
  UniqueFd read, write;
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw Failure(std::string("cannot make a pipe: ") + std::strerror(errno));
    read.reset(ends[0]);
    write.reset(ends[1]);
  }
};

std::string read_all(int fd) {
  std::string all;
  std::array<char, 4096> buffer{};
  for (ssize_t n = 0;
       all.size() < answer_max && ((n = ::read(fd, buffer.data(), buffer.size())) > 0 || (n < 0 && errno == EINTR));)
    if (n > 0) all.append(buffer.data(), static_cast<std::size_t>(n));
  return all;
}

std::string without_newline(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
  return text;
}

bool means_none(const std::string& answer) {
  return answer.find("credentials not found in native keychain") != std::string::npos;
}

} // namespace

CredentialHelper::CredentialHelper(const std::string& name) : program_("docker-credential-" + name) {
  if (name.find('/') != std::string::npos)
    throw Failure("invalid credential helper \"" + name + "\": a name without '/' is needed");
}

CredentialHelper::Answer CredentialHelper::run(const std::string& verb, const std::string& input) const {
  ::signal(SIGPIPE, SIG_IGN); // one that does not read its input tells why it fails in its output
  Pipe in, out;
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in.read.get(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out.write.get(), STDOUT_FILENO);
  std::array<char*, 3> argv{const_cast<char*>(program_.c_str()), const_cast<char*>(verb.c_str()), nullptr};
  pid_t pid = 0;
  const int error = ::posix_spawnp(&pid, program_.c_str(), &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error == ENOENT)
    throw Failure("error getting credentials - err: exec: \"" + program_ + "\": executable file not found in $PATH, out: ``");
  if (error != 0) throw Failure("cannot run " + program_ + ": " + std::strerror(error));
  in.read.reset();
  out.write.reset();
  [[maybe_unused]] const auto written = ::write(in.write.get(), input.data(), input.size());
  in.write.reset();
  Answer answer;
  answer.out = without_newline(read_all(out.read.get()));
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  answer.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return answer;
}

Failure CredentialHelper::failed(const std::string& what, const Answer& answer) const {
  return Failure("error " + what + " credentials - err: exit status " + std::to_string(answer.code) + ", out: `" + answer.out +
                 "`");
}

RegistryLogin CredentialHelper::get(const std::string& server) const {
  const auto answer = run("get", server);
  if (answer.code != 0 && means_none(answer.out)) return {};
  if (answer.code != 0) throw failed("getting", answer);
  const Json json = Json::parse(answer.out, nullptr, false);
  if (!json.is_object()) throw Failure(program_ + " get: the answer is no JSON object");
  const std::string user = json.value("Username", ""), secret = json.value("Secret", "");
  if (user == token_user) return {"", "", secret};
  return {user, secret, ""};
}

void CredentialHelper::store(const std::string& server, const RegistryLogin& login) const {
  const bool token = !login.identity_token.empty();
  const Json json{{"ServerURL", server},
                  {"Username", token ? token_user : login.username},
                  {"Secret", token ? login.identity_token : login.password}};
  if (const auto answer = run("store", json.dump()); answer.code != 0) throw failed("storing", answer);
}

bool CredentialHelper::erase(const std::string& server) const {
  const auto answer = run("erase", server);
  if (answer.code != 0 && !means_none(answer.out)) throw failed("erasing", answer);
  return answer.code == 0;
}

} // namespace gantry::cli
