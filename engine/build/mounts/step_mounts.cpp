#include "build/mounts/step_mounts.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "build/context/in_thread.hpp"
#include "build/copy/sources.hpp"
#include "build/mounts/agent_relay.hpp"
#include "build/variables.hpp"
#include "files/copy_tree.hpp"
#include "files/open.hpp"

namespace gantry::build {
namespace {

/// In the container; /dev is a tmpfs of its own there, so that nothing of these stays.
constexpr const char* init_target = "/dev/gantry-build/init";
constexpr const char* env_target = "/dev/gantry-build/env";

std::string secret_id(const RunMount& flag) {
  const std::string& id = flag.source.empty() ? flag.id : flag.source;
  return id.empty() ? files::last_name(flag.target) : id;
}

std::string agent_id(const RunMount& flag) { return flag.id.empty() ? "default" : flag.id; }

FileOwner owner_of(const RunMount& flag, mode_t mode) {
  return {flag.mode.value_or(mode), flag.uid.value_or(0), flag.gid.value_or(0)};
}

/// Clean and relative; no ".." is left that leads out.
std::string inside(const std::string& path) { return files::clean_path("/" + path).substr(1); }

Source context_source(int root, const std::string& written) {
  const std::string path = inside(written);
  const UniqueFd fd = files::open_in_root(root, path.empty() ? "/" : path, O_PATH);
  struct stat info {};
  if (!fd || ::fstat(fd.get(), &info) != 0 || (!S_ISDIR(info.st_mode) && !S_ISREG(info.st_mode)))
    throw not_found("RUN --mount failed: file not found in build context or excluded by .dockerignore: stat " + path +
                    ": file does not exist");
  return {path, files::last_name(path), S_ISDIR(info.st_mode)};
}

int root_of(const StepMount& mount, int context) { return mount.tree ? mount.tree->root.get() : context; }

/// Of the content of what comes from a context.
std::string mount_hash(const StepMount& mount, int context) {
  const int root = root_of(mount, context);
  return source_hash(root, context_source(root, mount.flag.source));
}

class Preparing {
 public:
  explicit Preparing(const MountSources& from) : from_(from) {}

  PreparedMounts all(const std::vector<StepMount>& mounts) {
    take_caches(mounts);
    for (const auto& mount : mounts) {
      const std::string& type = mount.flag.type;
      if (type == "bind") bind(mount);
      if (type == "cache") show(caches_.at(&mount), mount.target, mount.flag.read_only);
      if (type == "tmpfs") tmpfs(mount);
      if (type == "secret") secret(mount);
      if (type == "ssh") agent(mount);
    }
    if (!env_path_.empty()) {
      show_as_it_is(env_path_, env_target, true);
      show_as_it_is(from_.init_program, init_target, true);
      made_.entrypoint = {init_target, "--env", env_target, "--"};
    }
    return std::move(made_);
  }

 private:
  void show(const std::string& path, const std::string& target, bool read_only) {
    made_.binds.push_back(path + ":" + target + (read_only ? ":ro,idmap" : ":rw,idmap"));
    made_.targets.push_back(target);
  }

  /// Not every file system can be mapped: what is in memory has the container's ids to begin with, a program may be anybody's.
  void show_as_it_is(const std::string& path, const std::string& target, bool read_only) {
    made_.binds.push_back(path + ":" + target + (read_only ? ":ro" : ":rw"));
    made_.targets.push_back(target);
  }

  FileOwner on_host(FileOwner owner) const {
    const auto mapped = [](std::uint32_t id, const std::vector<containers::IdRange>& ranges) {
      for (const auto& range : ranges)
        if (id >= range.container_id && id - range.container_id < range.size) return range.host_id + (id - range.container_id);
      return id;
    };
    owner.uid = mapped(owner.uid, from_.ids.uids);
    owner.gid = mapped(owner.gid, from_.ids.gids);
    return owner;
  }

  template <class T>
  T& hold(std::shared_ptr<T> object) {
    made_.held.push_back(object);
    return *object;
  }

  void bind(const StepMount& mount) {
    if (!mount.state) return show(context_tree(mount), mount.target, mount.flag.read_only);
    // An overlay cannot be mapped, its files can.
    if (!from_.ids.empty())
      return show(from_.layers.copy_of(*mount.state, mount.flag.source), mount.target, mount.flag.read_only);
    const auto tree = from_.layers.show(*mount.state, mount.flag.source, !mount.flag.read_only);
    made_.held.push_back(tree.held);
    made_.binds.push_back(tree.path + ":" + mount.target + (mount.flag.read_only ? ":ro" : ":rw"));
    made_.targets.push_back(mount.target);
  }

  /// The context itself, or a copy of it that is thrown away.
  std::string context_tree(const StepMount& mount) {
    const int root = root_of(mount, from_.context);
    const Source source = context_source(root, mount.flag.source);
    const std::string path = source.path.empty() ? "/" : source.path;
    if (mount.flag.read_only) {
      auto shown = containers::show(from_.directory, files::open_in_root(root, path, O_PATH));
      made_.held.push_back(shown.held);
      return shown.path;
    }
    return from_.layers.copy_of(root, source);
  }

  /// In one order for all steps, so that no two wait for each other. One that a step names twice is taken once, unless it wants
  /// another one for itself.
  void take_caches(const std::vector<StepMount>& mounts) {
    std::multimap<std::pair<std::string, bool>, const StepMount*> in_order;
    for (const auto& mount : mounts)
      if (mount.flag.type == "cache") in_order.emplace(std::pair(cache_name(mount), mount.flag.sharing == "private"), &mount);
    std::map<std::string, std::string> taken;
    for (const auto& [key, mount] : in_order) {
      const auto& [name, alone] = key;
      if (const auto at = taken.find(name); !alone && at != taken.end()) {
        caches_[mount] = at->second;
        continue;
      }
      const auto use = std::shared_ptr<CacheMounts::Use>(from_.caches.use(cache_wanted(*mount, name), from_.cancel));
      caches_[mount] = hold(use).path();
      if (!alone) taken[name] = use->path();
    }
  }

  static std::string cache_id(const RunMount& flag) { return files::clean_path(flag.id.empty() ? flag.target : flag.id); }

  std::string cache_name(const StepMount& mount) const {
    const std::string from = mount.state ? mount.state->top_layer() : mount.tree ? mount_hash(mount, from_.context) : "";
    const std::string base = from.empty() ? "" : from + '\0' + inside(mount.flag.source);
    return from_.cache_namespace + '\0' + cache_id(mount.flag) + '\0' + base;
  }

  CacheMounts::Wanted cache_wanted(const StepMount& mount, const std::string& name) const {
    const RunMount& flag = mount.flag;
    CacheMounts::Wanted wanted;
    wanted.name = name;
    wanted.description = "cached mount " + mount.target + " with id \"" + cache_id(flag) + "\"";
    wanted.sharing = flag.sharing;
    wanted.owner = owner_of(flag, 0755);
    if (mount.state)
      wanted.fill = [this, &mount](const std::string& place) { from_.layers.copy_files(*mount.state, mount.flag.source, place); };
    if (mount.tree)
      wanted.fill = [&mount](const std::string& place) { copy_directory(mount.tree->root.get(), mount.flag.source, place); };
    return wanted;
  }

  void tmpfs(const StepMount& mount) {
    std::string options = "exec,mode=1777";
    if (mount.flag.size > 0) options += ",size=" + std::to_string(mount.flag.size);
    made_.tmpfs[mount.target] = options;
    made_.targets.push_back(mount.target);
  }

  MemoryFiles& memory() {
    if (memory_ == nullptr) memory_ = &hold(std::make_shared<MemoryFiles>(from_.directory));
    return *memory_;
  }

  void secret(const StepMount& mount) {
    const std::string id = secret_id(mount.flag);
    const SecretPtr secret = from_.session ? from_.session->secret(id, from_.cancel) : nullptr;
    if (!secret && mount.flag.required) throw not_found("secret " + id + ": not found");
    if (!secret) return;
    if (mount.flag.env) {
      if (env_path_.empty()) env_path_ = memory().path() + "/" + (env_ = memory().add_directory());
      // Whoever the step's program is, its variables are its own.
      (void)memory().add_named(env_ + "/" + *mount.flag.env, secret->view(), {0444, 0, 0});
    }
    if (!mount.target.empty())
      show_as_it_is(memory().add(secret->view(), on_host(owner_of(mount.flag, 0400))), mount.target, true);
  }

  void agent(const StepMount& mount) {
    const std::string id = agent_id(mount.flag);
    const bool given = from_.session && from_.session->has_agent(id, from_.cancel);
    if (!given && mount.flag.required)
      throw not_found(from_.session && from_.session->has_agents() ? "unset ssh forward key " + id
                                                                   : "no SSH key \"" + id + "\" forwarded from the client");
    if (!given) return;
    const std::string path = memory().new_path();
    hold(std::make_shared<AgentRelay>(path, on_host(owner_of(mount.flag, 0600)), from_.session, id));
    show_as_it_is(path, mount.target, false);
    if (!env_value(made_.env, "SSH_AUTH_SOCK")) made_.env.push_back("SSH_AUTH_SOCK=" + mount.target);
  }

  const MountSources& from_;
  PreparedMounts made_;
  std::map<const StepMount*, std::string> caches_; ///< paths
  MemoryFiles* memory_ = nullptr;
  std::string env_, env_path_;
};

} // namespace

std::string mounts_directory(const state::Paths& paths) { return paths.exec_root() + "/build"; }

StepMount step_mount(RunMount flag, const std::string& working_dir, int agents) {
  StepMount mount{std::move(flag), ""};
  std::string target = mount.flag.target;
  if (mount.flag.type == "secret" && target.empty() && !mount.flag.env)
    target = "/run/secrets/" + files::last_name(secret_id(mount.flag));
  if (mount.flag.type == "ssh" && target.empty()) target = "/run/buildkit/ssh_agent." + std::to_string(agents);
  if (mount.flag.type == "secret" && target.empty()) return mount;
  mount.target = files::clean_path(target.starts_with('/') ? target : "/" + working_dir + "/" + target);
  if (mount.target.empty() || mount.target == "/" || mount.target.find(':') != std::string::npos)
    throw invalid("invalid mount target \"" + (target.empty() ? "/" : target) + "\"");
  return mount;
}

std::string mounts_key(const std::vector<StepMount>& mounts, int context) {
  std::string key;
  const auto add = [&](const std::string& text) { key += text + '\0'; };
  for (const auto& mount : mounts) {
    const RunMount& flag = mount.flag;
    for (const auto& text : {flag.type, flag.id, flag.from, flag.source, mount.target, flag.env.value_or("")}) add(text);
    add(std::to_string(flag.mode.value_or(0)) + ":" + std::to_string(flag.uid.value_or(0)) + ":" +
        std::to_string(flag.gid.value_or(0)) + ":" + std::to_string(flag.size) + (flag.read_only ? ":ro" : ":rw"));
    if (mount.state) add(mount.state->top_layer());
    if (mount.tree || (flag.type == "bind" && !mount.state)) add(mount_hash(mount, context));
  }
  return key;
}

PreparedMounts prepare_mounts(const std::vector<StepMount>& mounts, const MountSources& sources) {
  return Preparing(sources).all(mounts);
}

} // namespace gantry::build
