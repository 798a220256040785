#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "cli/args/flag_set.hpp"
#include "cli/args/numbers.hpp"
#include "cli/build/context_tar.hpp"
#include "cli/build/lending.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/container/flag_values.hpp"
#include "cli/commands/image/file_source.hpp"
#include "cli/commands/image/reference.hpp"
#include "cli/credentials/base64.hpp"
#include "cli/credentials/registry_auth.hpp"
#include "cli/failure.hpp"
#include "cli/streams/progress.hpp"

namespace gantry::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::vector<std::string> tags, args, labels, cache_from, hosts, ulimits, secrets, agents;
  std::string file, target, platform, network, iidfile, cpuset_cpus, cpuset_mems, cgroup_parent, progress;
  std::int64_t memory = 0, memory_swap = 0, shm_size = 0, cpu_shares = 0, cpu_period = 0, cpu_quota = 0;
  bool quiet = false, no_cache = false, pull = false, remove = true, force_remove = false, squash = false;
};

void add_flags(FlagSet& flags, Options& o) {
  flags.list("add-host", 0, o.hosts, "Add a host to /etc/hosts of every step (host:ip)");
  flags.list("build-arg", 0, o.args, "Set a build argument (NAME=VALUE, or NAME for the variable of this environment)");
  flags.list("cache-from", 0, o.cache_from, "Also take steps over from these images", "strings");
  flags.text("cgroup-parent", 0, o.cgroup_parent, "Parent cgroup of the steps' containers");
  flags.integer("cpu-period", 0, o.cpu_period, "Limit the CPU: period in microseconds");
  flags.integer("cpu-quota", 0, o.cpu_quota, "Limit the CPU: microseconds in each period");
  flags.integer("cpu-shares", 'c', o.cpu_shares, "CPU shares (relative weight)");
  flags.text("cpuset-cpus", 0, o.cpuset_cpus, "CPUs that steps may use (0-3, 0,1)");
  flags.text("cpuset-mems", 0, o.cpuset_mems, "Memory nodes that steps may use (0-3, 0,1)");
  flags.text("file", 'f', o.file, "The Dockerfile (default: PATH/Dockerfile; \"-\": standard input)");
  flags.boolean("force-rm", 0, o.force_remove, "Remove the container of a step that fails, too");
  flags.text("iidfile", 0, o.iidfile, "Write the image's ID to this file");
  flags.list("label", 0, o.labels, "Give the image a label");
  flags.value("memory", 'm', "bytes", o.memory, parse_bytes, "Memory limit of each step");
  flags.value("memory-swap", 0, "bytes", o.memory_swap, parse_swap, "Memory and swap together; -1: no limit of swap");
  flags.text("network", 0, o.network, "Network of the steps");
  flags.boolean("no-cache", 0, o.no_cache, "Run every step");
  flags.text("platform", 0, o.platform, "Platform of the base images (os[/arch[/variant]])");
  flags.text("progress", 0, o.progress, "Accepted, and without effect");
  flags.boolean("pull", 0, o.pull, "Always look for newer base images");
  flags.boolean("quiet", 'q', o.quiet, "Only print the image's ID");
  flags.boolean("rm", 0, o.remove, "Remove the containers of steps that succeeded").standard = "true";
  flags.list("secret", 0, o.secrets, "Lend a secret to RUN --mount=type=secret (id=ID[,src=PATH|env=NAME])");
  flags.value("shm-size", 0, "bytes", o.shm_size, parse_bytes, "Size of /dev/shm");
  flags.list("ssh", 0, o.agents, "Lend an ssh agent to RUN --mount=type=ssh (default, or ID=SOCKET)");
  flags.boolean("squash", 0, o.squash, "Make one layer of all new ones");
  flags.list("tag", 't', o.tags, "Name of the image (NAME[:TAG])");
  flags.text("target", 0, o.target, "Build up to this stage");
  flags.list("ulimit", 0, o.ulimits, "Set a ulimit");
}

std::string read_all(const std::string& path, const char* what) {
  std::ifstream in(path == "-" ? "/dev/stdin" : path, std::ios::binary);
  if (!in) throw Failure(std::string(what) + ": open " + path + ": " + std::strerror(errno));
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// {"NAME":"VALUE"}; without '=' the environment's, null when it has none.
Json map_of(const std::vector<std::string>& words, bool environment) {
  Json map = Json::object();
  for (const std::string& word : words) {
    const auto [name, value] = cut(word, '=');
    if (value) {
      map[name] = *value;
    } else if (!environment) {
      map[name] = "";
    } else if (const char* own = std::getenv(name.c_str()); own != nullptr) {
      map[name] = own;
    } else {
      map[name] = nullptr;
    }
  }
  return map;
}

Loan loan_of(const Options& o) {
  Loan loan;
  for (const auto& secret : o.secrets) add_secret(loan, secret);
  for (const auto& agent : o.agents) add_agent(loan, agent);
  return loan;
}

Query query_of(const Options& o) {
  Query query;
  for (const std::string& tag : o.tags) {
    check_reference(tag);
    query.add("t", tag);
  }
  const auto number = [&](const char* name, std::int64_t value) {
    if (value != 0) query.add(name, std::to_string(value));
  };
  number("memory", o.memory);
  number("memswap", o.memory_swap);
  number("shmsize", o.shm_size);
  number("cpushares", o.cpu_shares);
  number("cpuperiod", o.cpu_period);
  number("cpuquota", o.cpu_quota);
  query.add_unless_empty("cpusetcpus", o.cpuset_cpus).add_unless_empty("cpusetmems", o.cpuset_mems);
  query.add_unless_empty("cgroupparent", o.cgroup_parent).add_unless_empty("networkmode", o.network);
  query.add_unless_empty("target", o.target).add_unless_empty("platform", o.platform);
  query.add_if(o.quiet, "q").add_if(o.no_cache, "nocache").add_if(o.pull, "pull").add_if(o.squash, "squash");
  query.add("rm", o.remove ? "1" : "0").add_if(o.force_remove, "forcerm");
  for (const std::string& host : o.hosts) query.add("extrahosts", host);
  if (!o.args.empty()) query.add("buildargs", map_of(o.args, true).dump());
  if (!o.labels.empty()) query.add("labels", map_of(o.labels, false).dump());
  if (!o.cache_from.empty()) query.add("cachefrom", Json(o.cache_from).dump());
  Json ulimits = Json::array();
  for (const std::string& ulimit : o.ulimits) ulimits.push_back(parse_ulimit(ulimit));
  if (!ulimits.empty()) query.add("ulimits", ulimits.dump());
  return query;
}

/// The user's logins at the registries that the Dockerfile takes images from.
std::string registry_config(const std::string& dockerfile) {
  Json config = Json::object();
  std::istringstream lines(dockerfile);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string from, image;
    words >> from >> image;
    std::transform(from.begin(), from.end(), from.begin(), [](unsigned char c) { return std::toupper(c); });
    if (from == "FROM" && image.starts_with("--")) words >> image;
    if (from != "FROM" || image.empty() || image.find('$') != std::string::npos) continue;
    try {
      const std::string server = server_key(registry_of(image));
      const RegistryLogin login = ConfigFile().login(server);
      if (!login.empty()) config[server] = auth_config(server, login);
    } catch (const Failure& e) {
      std::fprintf(stderr, "WARNING: %s\n", e.what());
    }
  }
  return base64_encode(config.dump(), true);
}

/// What is sent to the daemon.
struct Upload {
  std::function<std::string()> next; ///< empty: a remote
  std::string dockerfile_name, dockerfile_text, remote;
};

bool is_url(const std::string& text) {
  for (const char* scheme : {"http://", "https://", "git://", "git@", "github.com/", "ssh://"})
    if (text.starts_with(scheme)) return true;
  return false;
}

std::function<std::string()> once(std::string text) {
  auto left = std::make_shared<std::string>(std::move(text));
  return [left] { return std::exchange(*left, {}); };
}

bool is_tar(const std::string& head) {
  for (const char* magic : {"\x1f\x8b", "BZh",
                            "\xfd"
                            "7zXZ",
                            "\x28\xb5\x2f\xfd"})
    if (head.starts_with(magic)) return true;
  return head.size() > 262 && head.compare(257, 5, "ustar") == 0;
}

/// Standard input: an archive of the context, or a Dockerfile without one.
Upload from_stdin(const Options& o) {
  if (o.file == "-") throw Failure("invalid argument: can't use stdin for both build context and dockerfile");
  const auto source = file_source("-");
  std::string head = source();
  while (head.size() < 512) {
    const std::string more = source();
    if (more.empty()) break;
    head += more;
  }
  if (is_tar(head)) {
    auto first = std::make_shared<std::string>(std::move(head));
    return {[first, source] { return first->empty() ? source() : std::exchange(*first, {}); }, o.file, "", ""};
  }
  for (std::string more = source(); !more.empty(); more = source()) head += more;
  return {once(tar_of({{"Dockerfile", head}})), "Dockerfile", head, ""};
}

Upload from_directory(const std::string& path, const Options& o) {
  std::error_code error;
  const fs::path root = fs::canonical(path, error);
  if (error || !fs::is_directory(root)) throw Failure("unable to prepare context: path \"" + path + "\" not found");
  Upload upload;
  std::map<std::string, std::string> extra;
  std::string ignore, name = "Dockerfile";
  fs::path file = root / "Dockerfile";
  if (!o.file.empty() && o.file != "-") file = fs::absolute(o.file);
  if (o.file.empty() && !fs::exists(file) && fs::exists(root / "dockerfile")) file = root / "dockerfile";
  upload.dockerfile_text =
      read_all(o.file == "-" ? "-" : file.string(), "unable to prepare context: unable to evaluate symlinks in Dockerfile path");
  const fs::path inside = fs::weakly_canonical(file.parent_path(), error) / file.filename();
  const std::string relative = inside.lexically_relative(root).string();
  const bool outside = o.file == "-" || relative.empty() || relative.starts_with("..");
  if (fs::exists(root / ".dockerignore")) ignore = read_all((root / ".dockerignore").string(), "error reading .dockerignore");
  if (!outside && fs::exists(root / (relative + ".dockerignore")))
    ignore = read_all((root / (relative + ".dockerignore")).string(), "error reading .dockerignore");
  name = relative;
  if (outside) {
    // It goes along under a name of its own, which no COPY sees.
    name = ".dockerfile." + std::to_string(::getpid());
    extra[name] = upload.dockerfile_text;
    extra[".dockerignore"] = ignore + "\n" + name + (ignore.empty() ? "\n.dockerignore\n" : "\n");
  }
  upload.dockerfile_name = name;
  const auto tar = std::make_shared<ContextTar>(root.string(), ignore, extra,
                                                std::vector<std::string>{name, ".dockerignore", name + ".dockerignore"});
  upload.next = [tar] { return tar->next(); };
  return upload;
}

Upload prepare(const std::string& path, const Options& o) {
  if (path == "-") return from_stdin(o);
  if (is_url(path) && !fs::exists(path)) return {nullptr, o.file, "", path};
  return from_directory(path, o);
}

/// Shows the story, and remembers what the end of it is.
class Story {
 public:
  explicit Story(bool quiet) : quiet_(quiet), progress_(quiet ? -1 : STDOUT_FILENO) {}

  void feed(const std::string& piece) {
    buffer_ += piece;
    for (std::size_t end = 0; (end = buffer_.find('\n')) != std::string::npos; buffer_.erase(0, end + 1))
      line(buffer_.substr(0, end + 1));
  }

  const std::string& id() const { return id_; }

 private:
  void line(const std::string& text) {
    const Json message = Json::parse(text, nullptr, false);
    if (!message.is_object()) return;
    if (const auto aux = message.find("aux"); aux != message.end() && aux->is_object()) id_ = aux->value("ID", id_);
    if (const auto detail = message.find("errorDetail"); detail != message.end()) {
      const auto code = detail->value("code", 1);
      throw Failure(detail->value("message", "unknown error"), code == 0 ? 1 : code);
    }
    if (quiet_) {
      const std::string stream = message.value("stream", "");
      if (stream.starts_with("sha256:")) id_ = stream.substr(0, stream.find('\n'));
      return;
    }
    progress_.feed(text);
  }

  bool quiet_;
  Progress progress_;
  std::string buffer_, id_;
};

} // namespace

int build_image(Invocation& in) {
  Options options;
  FlagSet flags(in);
  add_flags(flags, options);
  const auto words = flags.parse();
  Upload upload = prepare(words[0], options);
  Request request{"POST", "/build", query_of(options)};
  request.query.add_unless_empty("dockerfile", upload.dockerfile_name).add_unless_empty("remote", upload.remote);
  request.headers.emplace_back("X-Registry-Config", registry_config(upload.dockerfile_text));
  std::optional<Lending> lending;
  if (const Loan loan = loan_of(options); !loan.empty())
    request.query.add("gantrysession", lending.emplace(in.client, loan).id());
  if (!options.iidfile.empty()) std::remove(options.iidfile.c_str());
  Response response = upload.next ? in.client.upload(request, "application/x-tar", upload.next) : in.client.call(request, true);
  Story story(options.quiet);
  for (std::string piece = response.next(); !piece.empty(); piece = response.next()) story.feed(piece);
  if (options.quiet) std::printf("%s\n", story.id().c_str());
  if (options.iidfile.empty()) return 0;
  std::ofstream file(options.iidfile);
  if (!(file << story.id())) throw Failure("failed to write the image ID to " + options.iidfile + ": " + std::strerror(errno));
  return 0;
}

} // namespace gantry::cli
