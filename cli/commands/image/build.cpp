#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>

#include "cli/args/flag_set.hpp"
#include "cli/args/numbers.hpp"
#include "cli/build/contexts.hpp"
#include "cli/build/display.hpp"
#include "cli/build/follow.hpp"
#include "cli/build/lending.hpp"
#include "cli/build/upload.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/container/flag_values.hpp"
#include "cli/commands/image/reference.hpp"
#include "cli/credentials/base64.hpp"
#include "cli/credentials/registry_auth.hpp"
#include "cli/failure.hpp"

namespace gantry::cli {
namespace {

struct BuildOptions {
  std::vector<std::string> tags, args, labels, cache_from, cache_to, hosts, ulimits, secrets, agents, contexts, allowed;
  std::string file, target, platform, network, iidfile, cpuset_cpus, cpuset_mems, cgroup_parent, progress;
  std::int64_t memory = 0, memory_swap = 0, shm_size = 0, cpu_shares = 0, cpu_period = 0, cpu_quota = 0;
  bool quiet = false, no_cache = false, pull = false, remove = true, force_remove = false, squash = false, check = false;
};

void add_flags(FlagSet& flags, BuildOptions& o) {
  flags.list("add-host", 0, o.hosts, "Add a host to /etc/hosts of every step (host:ip)");
  flags.list("allow", 0, o.allowed, "Let steps ask for it (network.host, security.insecure, device)", "strings");
  flags.list("build-arg", 0, o.args, "Set a build argument (NAME=VALUE, or NAME for the variable of this environment)");
  flags.list("build-context", 0, o.contexts, "Give a further context a name (NAME=PATH, NAME=docker-image://REF …)");
  flags.list("cache-from", 0, o.cache_from, "Also take steps over from these images (REF, or type=registry,ref=REF)");
  flags.list("cache-to", 0, o.cache_to, "Write into the image what steps came to (type=inline)");
  flags.boolean("check", 0, o.check, "Only look for mistakes in the Dockerfile");
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
  flags.text("progress", 0, o.progress, "How to show the steps (auto, plain, tty, quiet, rawjson)");
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

Loan loan_of(const BuildOptions& o) {
  Loan loan;
  for (const auto& secret : o.secrets) add_secret(loan, secret);
  for (const auto& agent : o.agents) add_agent(loan, agent);
  return loan;
}

/// "REF", or "type=registry,ref=REF".
std::vector<std::string> cache_images(const BuildOptions& o) {
  std::vector<std::string> images;
  for (const auto& text : o.cache_from) {
    std::string type = "registry", reference;
    bool plain = false;
    for (const auto& field : split_csv(text)) {
      const auto [key, value] = cut(field, '=');
      if (!value) images.push_back(field);
      plain = plain || !value;
      if (value && key == "type") type = *value;
      if (value && key == "ref") reference = *value;
    }
    if (type != "registry") throw Failure("cache import type \"" + type + "\" is not supported: expected registry");
    if (plain) continue;
    if (reference.empty()) throw Failure("invalid cache import \"" + text + "\": registry needs a ref");
    images.push_back(reference);
  }
  return images;
}

std::vector<std::string> build_args(const BuildOptions& o) {
  auto args = o.args;
  for (const auto& text : o.cache_to) {
    if (text != "type=inline") throw Failure("cache export \"" + text + "\" is not supported: expected type=inline");
    args.emplace_back("BUILDKIT_INLINE_CACHE=1");
  }
  return args;
}

Query query_of(const BuildOptions& o) {
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
  query.add_if(o.quiet, "q").add_if(o.no_cache, "nocache").add_if(o.pull, "pull");
  query.add_if(o.squash, "squash").add_if(o.squash, "merge"); // ours does it without experimental features, too
  for (const auto& list : o.allowed)
    for (const auto& name : split_csv(list)) query.add("allow", name);
  query.add("rm", o.remove ? "1" : "0").add_if(o.force_remove, "forcerm").add("setuid", "1");
  for (const std::string& host : o.hosts) query.add("extrahosts", host);
  if (const auto args = build_args(o); !args.empty()) query.add("buildargs", map_of(args, true).dump());
  if (!o.labels.empty()) query.add("labels", map_of(o.labels, false).dump());
  if (const auto images = cache_images(o); !images.empty()) query.add("cachefrom", Json(images).dump());
  Json ulimits = Json::array();
  for (const std::string& ulimit : o.ulimits) ulimits.push_back(parse_ulimit(ulimit));
  if (!ulimits.empty()) query.add("ulimits", ulimits.dump());
  return query;
}

void add_login(Json& config, const std::string& image) {
  try {
    const std::string server = server_key(registry_of(image));
    const RegistryLogin login = ConfigFile().login(server);
    if (!login.empty()) config[server] = auth_config(server, login);
  } catch (const Failure& e) {
    std::fprintf(stderr, "WARNING: %s\n", e.what());
  }
}

/// The user's logins at the registries that the Dockerfile takes images from, and those of other images.
std::string registry_config(const std::string& dockerfile, const std::vector<std::string>& others) {
  Json config = Json::object();
  for (const auto& image : others) add_login(config, image);
  std::istringstream lines(dockerfile);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string from, image;
    words >> from >> image;
    std::transform(from.begin(), from.end(), from.begin(), [](unsigned char c) { return std::toupper(c); });
    if (from == "FROM" && image.starts_with("--")) words >> image;
    if (from == "FROM" && !image.empty() && image.find('$') == std::string::npos) add_login(config, image);
  }
  return base64_encode(config.dump(), true);
}

/// The Dockerfile as the user calls it.
std::string shown_name(const BuildOptions& o, const std::string& path) {
  if (o.file == "-" || (path == "-" && o.file.empty())) return "Dockerfile";
  return o.file.empty() ? "Dockerfile" : o.file;
}

Request request_of(const BuildOptions& o, const Upload& upload, const NamedContexts& contexts, bool steps,
                   const std::string& path) {
  Request request{"POST", "/build", query_of(o)};
  request.query.add_unless_empty("dockerfile", upload.dockerfile_name).add_unless_empty("remote", upload.remote);
  request.query.add("positions", shown_name(o, path)).add_if(o.check, "check");
  if (steps) request.query.add("progress", "steps");
  if (!contexts.empty() && !o.check) request.query.add("buildcontexts", contexts.parameter());
  auto images = contexts.images();
  for (const auto& image : cache_images(o)) images.push_back(image);
  request.headers.emplace_back("X-Registry-Config", registry_config(upload.dockerfile_text, images));
  return request;
}

} // namespace

int build_image(Invocation& in) {
  BuildOptions options;
  FlagSet flags(in);
  add_flags(flags, options);
  const auto words = flags.parse();
  if (options.progress == "quiet") options.quiet = true;
  const auto display = make_display(options.progress, options.quiet || options.check);
  const Upload upload = prepare_upload(words[0], options.file, options.check);
  NamedContexts contexts;
  for (const auto& text : options.contexts) contexts.add(text);
  Request request = request_of(options, upload, contexts, display->wants_steps(), words[0]);
  std::optional<Lending> lending;
  const Loan loan = loan_of(options);
  if (!options.check && (!loan.empty() || contexts.any_here())) {
    lending.emplace(in.client, loan);
    contexts.send(in.client, lending->id());
    request.query.add("gantrysession", lending->id());
  }
  if (!options.iidfile.empty()) std::remove(options.iidfile.c_str());
  const BuildResult result = follow_build(in.client, request, upload, *display);
  if (options.check) return print_check(result);
  if (!options.quiet) print_warnings(result);
  if (options.quiet) std::printf("%s\n", result.id.c_str());
  if (options.iidfile.empty()) return 0;
  std::ofstream file(options.iidfile);
  if (!(file << result.id)) throw Failure("failed to write the image ID to " + options.iidfile + ": " + std::strerror(errno));
  return 0;
}

} // namespace gantry::cli
