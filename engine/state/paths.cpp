#include "state/paths.hpp"

#include <utility>

#include "base/error.hpp"
#include "base/file.hpp"

namespace gantry::state {

namespace {

constexpr std::size_t hex_digits = 64;

/// What becomes part of a path is checked here once more, whatever the callers checked.
std::string hex_of(const std::string& digest) {
  static const std::string algorithm = "sha256:";
  const bool right = digest.starts_with(algorithm) && digest.size() == algorithm.size() + hex_digits;
  if (!right || digest.find_first_not_of("0123456789abcdef", algorithm.size()) != std::string::npos) {
    throw invalid("invalid digest \"" + digest + "\": sha256: and 64 lower-case hex digits are needed");
  }
  return digest.substr(algorithm.size());
}

const std::string& component(const std::string& name) {
  if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos) {
    throw invalid("invalid name \"" + name + "\" for a directory");
  }
  return name;
}

} // namespace

Paths::Paths(std::string data_root, std::string exec_root) : data_root_(std::move(data_root)), exec_root_(std::move(exec_root)) {}

std::string Paths::database() const { return data_root_ + "/state.db"; }
std::string Paths::lock() const { return data_root_ + "/lock"; }
std::string Paths::engine_id() const { return data_root_ + "/engine-id"; }
std::string Paths::blobs() const { return data_root_ + "/content/blobs/sha256"; }
std::string Paths::blob(const std::string& digest) const { return blobs() + "/" + hex_of(digest); }
std::string Paths::ingest() const { return data_root_ + "/content/ingest"; }
std::string Paths::partials() const { return data_root_ + "/content/partial"; }
std::string Paths::partial(const std::string& digest) const { return partials() + "/" + hex_of(digest); }
std::string Paths::containers() const { return data_root_ + "/containers"; }
std::string Paths::container(const std::string& id) const { return containers() + "/" + component(id); }
std::string Paths::trash() const { return data_root_ + "/trash"; }
std::string Paths::cache_mounts() const { return data_root_ + "/cache-mounts"; }
std::string Paths::build_steps() const { return data_root_ + "/build-steps"; }
std::string Paths::subpath_mounts() const { return exec_root_ + "/subpaths"; }
std::string Paths::image_mounts() const { return exec_root_ + "/image"; }
std::string Paths::build_mounts() const { return exec_root_ + "/build"; }
std::string Paths::container_log(const std::string& id) const { return container(id) + "/" + id + "-json.log"; }
std::string Paths::driver_state_root() const { return data_root_ + "/plugins"; }
std::string Paths::driver_run_root() const { return exec_root_ + "/plugins"; }
std::string Paths::driver_state(const std::string& driver) const { return driver_state_root() + "/" + component(driver); }
std::string Paths::driver_run(const std::string& driver) const { return driver_run_root() + "/" + component(driver); }

void Paths::create() const {
  make_directories(data_root_, 0710);
  for (const auto& path :
       {data_root_ + "/content", data_root_ + "/content/blobs", blobs(), ingest(), partials(), trash(), driver_state_root()}) {
    make_directories(path, 0700);
  }
  make_directories(containers(), 0710);
  make_directories(exec_root_, 0711);
  make_directories(driver_run_root(), 0711);
}

} // namespace gantry::state
