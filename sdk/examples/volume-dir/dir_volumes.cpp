// A whole volume driver: state/NAME/data is a volume, state/NAME/labels what it was made with, state/NAME/mounts/ID a use of it.
#include <gantry/sdk/plugin.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace {

namespace fs = std::filesystem;

class DirVolumes final : public gantry::VolumeDriver {
 public:
  explicit DirVolumes(gantry::Host& host) : root_(host.state_dir()) {}

  void create(gantry::Call&, const gantry::VolumeCreate& request) override {
    if (!request.options.empty())
      throw gantry::Error(gantry::Code::invalid, "invalid option: \"" + request.options.front().first + "\": there are none");
    const fs::path volume = path(request.name);
    if (fs::exists(volume)) return;
    // Complete under another name first, so that a crash leaves nothing that looks like a volume.
    const fs::path fresh = root_ / (".new-" + request.name);
    fs::remove_all(fresh);
    fs::create_directories(fresh / "data");
    fs::create_directories(fresh / "mounts");
    std::ofstream labels(fresh / "labels", std::ios::binary);
    for (const auto& label : request.labels) labels << label.first << '\0' << label.second << '\0';
    labels.close();
    if (!labels) throw gantry::Error(gantry::Code::resource_exhausted, "cannot write the labels of volume " + request.name);
    fs::rename(fresh, volume);
  }

  void remove(gantry::Call&, const std::string& name, bool force) override {
    if (!fs::exists(path(name))) return;
    if (!force && !fs::is_empty(path(name) / "mounts")) throw gantry::Error(gantry::Code::in_use, "volume is in use");
    const fs::path gone = root_ / (".gone-" + name);
    fs::remove_all(gone);
    fs::rename(path(name), gone);
    fs::remove_all(gone);
  }

  gantry::Mount mount(gantry::Call&, const std::string& name, const std::string& mount_id) override {
    if (!fs::exists(path(name))) throw gantry::Error(gantry::Code::not_found, "no such volume");
    std::ofstream(path(name) / "mounts" / checked(mount_id));
    return {"bind", (path(name) / "data").string(), "", {"rbind"}};
  }

  void unmount(gantry::Call&, const std::string& name, const std::string& mount_id) override {
    fs::remove(path(name) / "mounts" / checked(mount_id));
  }

  std::optional<gantry::VolumeInfo> get(gantry::Call&, const std::string& name) override {
    if (!fs::exists(path(name))) return std::nullopt;
    gantry::VolumeInfo info;
    info.name = name;
    info.mountpoint = (path(name) / "data").string();
    std::ifstream labels(path(name) / "labels", std::ios::binary);
    for (std::string key, value; std::getline(labels, key, '\0') && std::getline(labels, value, '\0');)
      info.labels.emplace_back(key, value);
    return info;
  }

  std::vector<gantry::VolumeInfo> list(gantry::Call& call) override {
    std::vector<gantry::VolumeInfo> volumes;
    for (const auto& item : fs::directory_iterator(root_)) {
      const std::string name = item.path().filename().string();
      if (name[0] != '.') volumes.push_back(*get(call, name));
    }
    return volumes;
  }

  void reconcile(gantry::Call& call, const std::vector<std::string>& live_mounts) override {
    for (const auto& volume : list(call)) {
      std::vector<fs::path> over;
      for (const auto& use : fs::directory_iterator(path(volume.name) / "mounts")) {
        const std::string id = use.path().filename().string();
        if (std::find(live_mounts.begin(), live_mounts.end(), id) == live_mounts.end()) over.push_back(use.path());
      }
      for (const auto& use : over) fs::remove(use);
    }
  }

 private:
  /// A name that comes from outside never leads out of the directory.
  static const std::string& checked(const std::string& name) {
    if (name.empty() || name[0] == '.' || name.find('/') != std::string::npos)
      throw gantry::Error(gantry::Code::invalid, "'" + name + "' cannot be the name of a volume");
    return name;
  }
  fs::path path(const std::string& name) const { return root_ / checked(name); }

  fs::path root_;
};

} // namespace

GANTRY_PLUGIN("com.example.volume-dir", "1.0.0", gantry::driver<DirVolumes>("dir"))
