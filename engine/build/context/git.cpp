#include "build/context/git.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "files/open.hpp"

namespace gantry::build {
namespace {

/// A process group of its own, so that git's helpers end with it, and no signal blocked.
class GitAttributes {
 public:
  GitAttributes() {
    ::posix_spawnattr_init(&attributes_);
    sigset_t none;
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  }
  ~GitAttributes() { ::posix_spawnattr_destroy(&attributes_); }
  GitAttributes(const GitAttributes&) = delete;
  GitAttributes& operator=(const GitAttributes&) = delete;
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

/// Runs git without a shell, terminal, or the caller's configuration; ends it when the build is cancelled. It may use the network
/// only: a repository of the host's, or a remote helper, is not the client's to read.
void run_git(std::vector<std::string> words, registry::Cancel& cancel) {
  words.insert(words.begin(),
               {"git", "-c", "protocol.allow=never", "-c", "protocol.http.allow=always", "-c", "protocol.https.allow=always",
                "-c", "protocol.git.allow=always", "-c", "protocol.ssh.allow=always", "-c", "http.lowSpeedLimit=1", "-c",
                "http.lowSpeedTime=60", "-c", "core.hooksPath=/dev/null", "-c", "core.symlinks=true"});
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::vector<std::string> env = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/",
                                  "GIT_TERMINAL_PROMPT=0", "GIT_CONFIG_NOSYSTEM=1"};
  std::vector<char*> envp;
  for (auto& entry : env) envp.push_back(entry.data());
  envp.push_back(nullptr);
  const GitAttributes attributes;
  pid_t pid = 0;
  if (const int error = ::posix_spawnp(&pid, "git", nullptr, attributes.get(), argv.data(), envp.data()); error != 0) {
    if (error == ENOENT) throw not_implemented("cannot build from a git repository: git is not installed");
    throw os_error("run git", error);
  }
  int status = 0;
  while (::waitpid(pid, &status, WNOHANG) == 0) {
    if (cancel.is_set()) ::kill(-pid, SIGKILL);
    ::usleep(20'000);
  }
  cancel.check();
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw invalid("error initializing context: git failed; see the URL, the reference and the network");
}

bool is_commit(const std::string& ref) {
  return ref.size() >= 7 && ref.size() <= 64 && ref.find_first_not_of("0123456789abcdef") == ref.npos;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

} // namespace

bool is_git(const std::string& url) {
  if (url.starts_with("git://") || url.starts_with("git@") || url.starts_with("github.com/") || url.starts_with("ssh://"))
    return true;
  const bool web = url.starts_with("http://") || url.starts_with("https://");
  return web && url.substr(0, url.find('#')).ends_with(".git");
}

GitTree fetch_git(const std::string& address, bool keep_git_dir, images::Ingest& scratch, registry::Cancel& cancel) {
  std::string url = address.substr(0, address.find('#'));
  const std::string fragment = url.size() == address.size() ? "" : address.substr(url.size() + 1);
  if (url.starts_with("github.com/")) url = "https://" + url;
  const std::string ref = fragment.substr(0, fragment.find(':'));
  const std::string below = fragment.find(':') == fragment.npos ? "" : fragment.substr(fragment.find(':') + 1);
  if (ref.starts_with('-') || url.starts_with('-')) throw invalid("invalid git reference: " + ref);
  const std::string directory = scratch.new_path();
  const std::vector<std::string> here = {"-C", directory};
  const auto git = [&](std::vector<std::string> words) {
    words.insert(words.begin(), here.begin(), here.end());
    run_git(std::move(words), cancel);
  };
  run_git({"init", "-q", directory}, cancel);
  git({"remote", "add", "origin", url});
  try {
    git({"fetch", "-q", "--depth", "1", "origin", ref.empty() ? "HEAD" : ref});
    git({"checkout", "-q", "-f", "--detach", "FETCH_HEAD"});
  } catch (const Error& e) {
    if (e.code() == Code::cancelled || !is_commit(ref)) throw;
    // Most servers give a commit away only as a part of what they advertise.
    git({"fetch", "-q", "origin", "+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"});
    git({"checkout", "-q", "-f", "--detach", ref});
  }
  if (std::filesystem::exists(directory + "/.gitmodules"))
    git({"submodule", "--quiet", "update", "--init", "--recursive", "--depth", "1"});
  GitTree tree{"", first_line(read_file(directory + "/.git/HEAD"))};
  if (!keep_git_dir) std::filesystem::remove_all(directory + "/.git");
  const UniqueFd root = open_file(directory, O_RDONLY | O_DIRECTORY);
  const UniqueFd part = files::open_in_root(root.get(), below.empty() ? "/" : below, O_RDONLY | O_DIRECTORY);
  if (!part) throw invalid("error initializing context: no directory \"" + below + "\" in the repository");
  tree.directory = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(part.get()));
  return tree;
}

} // namespace gantry::build
