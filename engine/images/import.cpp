#include <unistd.h>

#include <cerrno>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"
#include "images/change_instruction.hpp"
#include "images/digest.hpp"
#include "images/image_config.hpp"
#include "images/reference.hpp"
#include "images/service_impl.hpp"

namespace gantry::images {
namespace {

ReceivedFile receive(int in, Ingest& ingest) {
  ReceivedWriter writer(ingest.new_path());
  std::vector<char> buffer(256 << 10);
  for (;;) {
    auto n = ::read(in, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw os_error("read the archive", errno);
    if (n == 0) return writer.finish();
    writer.write({buffer.data(), static_cast<std::size_t>(n)});
  }
}

/// "os[/arch[/variant]]" into the config; the host's when empty.
void set_platform(Json& config, const std::string& platform) {
  auto slash = platform.find('/');
  auto os = platform.substr(0, slash);
  auto rest = slash == platform.npos ? "" : platform.substr(slash + 1);
  auto second = rest.find('/');
  auto architecture = rest.substr(0, second);
  if (!os.empty() && os != "linux") throw invalid("operating system is not supported");
  config["architecture"] = architecture.empty() ? host_architecture() : architecture;
  config["os"] = "linux";
  if (second != rest.npos) config["variant"] = rest.substr(second + 1);
}

/// The config but for its layer.
Json make_config(const ImportOptions& options) {
  auto run = Json::object();
  apply_changes(run, options.changes);
  auto created = rfc3339_nano(now_ns());
  auto comment = options.message.empty() ? "Imported from -" : options.message;
  Json config{{"created", created}, {"comment", comment}};
  set_platform(config, options.platform);
  config["config"] = run;
  config["history"] = Json::array({{{"created", created}, {"comment", comment}}});
  return config;
}

} // namespace

std::string ImageService::import(UniqueFd in, const ImportOptions& options, const Progress& progress) {
  auto config = make_config(options);
  std::optional<Reference> name;
  if (!options.repo.empty()) name = parse_target_name(options.repo, options.tag);

  Ingest ingest(impl_->paths);
  LayerPlan plan{"", "", "", receive(in.get(), ingest)};
  std::vector<UnpackedLayer> layers;
  layers.push_back(unpack_layer(impl_->storage, plan));
  auto& diff_id = layers[0].plan.diff_id;
  layers[0].plan.chain = digest_hex(diff_id);
  config["rootfs"] = {{"type", "layers"}, {"diff_ids", Json::array({diff_id})}};

  NewImage added{config.dump(), {}};
  if (name) added.names.push_back(name->full());
  auto id = sha256_of(added.config);
  ImageStore::Lease lease(impl_->store, {layers[0].plan.chain});
  impl_->store.publish(layers, {added});
  if (auto image = get(id)) {
    if (name) impl_->publish_event(*image, "tag", name->familiar());
    impl_->publish_event(*image, "import", id);
  }
  progress({{"status", id}});
  return id;
}

} // namespace gantry::images
