#include "api/images/import_url.hpp"

#include <fcntl.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/time.hpp"
#include "build/context/download.hpp"
#include "images/content_store.hpp"
#include "registry/progress.hpp"

namespace gantry::api {
namespace {

constexpr std::int64_t tell_every_ns = 100'000'000;

/// As docker shows it: without an id.
Json importing(std::uint64_t current, std::uint64_t total) {
  Json message = gantry::registry::bytes_message("", "Importing", current, total);
  message.erase("id");
  return message;
}

std::string checked_url(std::string url) {
  if (url.find("://") == url.npos) url.insert(0, "http://");
  if (!url.starts_with("http://") && !url.starts_with("https://"))
    throw invalid("Get \"" + url + "\": unsupported protocol scheme \"" + url.substr(0, url.find("://")) + "\"");
  return url;
}

} // namespace

void import_from_url(gantry::images::ImageService& images, const state::Paths& paths,
                     const gantry::registry::Transport& transport, std::string url, gantry::images::ImportOptions options,
                     const gantry::images::Progress& progress, gantry::registry::Cancel& cancel) {
  const std::string source = checked_url(url);
  gantry::images::Ingest ingest(paths);
  const std::string file = ingest.new_path();
  std::int64_t told_ns = 0;
  bool begun = false;
  build::download(source, file, transport, cancel, [&](std::uint64_t current, std::uint64_t total) {
    if (!std::exchange(begun, true)) progress(gantry::registry::status_message("Downloading from " + source));
    const auto now = now_ns();
    if (now - told_ns < tell_every_ns && current != total) return;
    told_ns = now;
    progress(importing(current, total));
  });
  cancel.check();
  if (options.message.empty()) options.message = "Imported from " + url;
  images.import(open_file(file, O_RDONLY), options, progress);
}

} // namespace gantry::api
