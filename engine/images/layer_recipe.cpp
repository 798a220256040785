#include "images/layer_recipe.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <optional>
#include <vector>

#include "base/error.hpp"
#include "base/failpoint.hpp"
#include "base/file.hpp"
#include "base/through_pipe.hpp"
#include "files/tar_pass.hpp"
#include "images/content_store.hpp"
#include "images/uncancelled_call.hpp"

namespace gantry::images {
namespace {

constexpr std::uint32_t largest_part = 64 << 20; ///< of headers or a path; a file that says more is damaged
constexpr unsigned gzip_buffer = 128 << 10;

/// What stands before an entry's headers.
struct RecipeEntry {
  std::uint32_t head = 0, path = 0;
  std::uint64_t content = 0;
};

Error not_its_files(const Layer& layer) {
  return {Code::data_loss, "layer " + layer.chain + ": its files are not those that it was made of"};
}

using GzipFile = std::unique_ptr<gzFile_s, int (*)(gzFile_s*)>;

GzipFile open_gzip(UniqueFd file, const char* mode) {
  GzipFile gzip(::gzdopen(file.get(), mode), ::gzclose);
  if (!gzip) throw Error(Code::resource_exhausted, "no memory for the recipe of a layer");
  file.release();
  ::gzbuffer(gzip.get(), gzip_buffer);
  return gzip;
}

class RecipeReader {
 public:
  explicit RecipeReader(const std::string& place) : path_(place), file_(open_gzip(open_file(place, O_RDONLY), "rb")) {}

  /// False at the end.
  bool next() {
    RecipeEntry entry;
    const int got = ::gzread(file_.get(), &entry, sizeof entry);
    if (got == 0 && ::gzeof(file_.get()) != 0) return false;
    if (got != sizeof entry || entry.head > largest_part || entry.path > largest_part) throw damaged();
    head.resize(entry.head);
    path.resize(entry.path);
    content = entry.content;
    read(head);
    read(path);
    return true;
  }

  std::string head, path;
  std::uint64_t content = 0;

 private:
  Error damaged() const { return {Code::data_loss, path_ + " is damaged"}; }
  void read(std::string& text) {
    if (::gzread(file_.get(), text.data(), static_cast<unsigned>(text.size())) != static_cast<int>(text.size())) throw damaged();
  }

  std::string path_;
  GzipFile file_;
};

/// Goes on in the tar of the layer's files to the content that comes next.
void find_content(files::TarPass& tar, const RecipeReader& recipe, const Layer& layer) {
  while (const auto path = tar.next()) {
    if (*path != recipe.path) {
      tar.skip();
      continue;
    }
    if (tar.content() != recipe.content) throw not_its_files(layer);
    return tar.take_content();
  }
  throw not_its_files(layer);
}

ReceivedFile receive_blob(int in, const std::string& path) {
  ReceivedWriter writer(path);
  std::vector<char> buffer(1 << 20);
  for (;;) {
    const ssize_t n = ::read(in, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw os_error("read the tar of a layer", errno);
    if (n == 0) return writer.finish();
    writer.write({buffer.data(), static_cast<std::size_t>(n)});
  }
}

} // namespace

std::string recipe_path(const state::Paths& paths, const std::string& digest) {
  return paths.blob(digest) + std::string(recipe_suffix);
}

bool is_recipe_only(const state::Paths& paths, const Layer& layer) {
  return !layer.blob.empty() && ::access(paths.blob(layer.blob).c_str(), F_OK) != 0 &&
         ::access(recipe_path(paths, layer.blob).c_str(), F_OK) == 0;
}

RecipeWriter::RecipeWriter(const std::string& path)
    : file_(open_gzip(open_file(path, O_WRONLY | O_CREAT | O_EXCL, 0600), "wb1")) {}

void RecipeWriter::put(const void* data, std::size_t size) {
  if (size == 0 || ::gzwrite(file_.get(), data, static_cast<unsigned>(size)) > 0) return;
  int code = 0;
  (void)::gzerror(file_.get(), &code);
  throw os_error("write the recipe of a layer", code == Z_ERRNO ? errno : EIO);
}

void RecipeWriter::add(std::string_view head, const std::string& path, std::uint64_t content) {
  const std::string_view named = content > 0 ? std::string_view(path) : std::string_view();
  const RecipeEntry entry{static_cast<std::uint32_t>(head.size()), static_cast<std::uint32_t>(named.size()), content};
  put(&entry, sizeof entry);
  put(head.data(), head.size());
  put(named.data(), named.size());
}

void RecipeWriter::finish() {
  errno = EIO;
  if (::gzclose(file_.release()) != Z_OK) throw os_error("write the recipe of a layer", errno);
}

void write_tar(const state::Paths& paths, StorageDriver& storage, const Layer& layer, int out) {
  RecipeReader recipe(recipe_path(paths, layer.blob));
  const auto write_files = [&](int end) {
    UncancelledCall call;
    return storage.diff(call, layer.chain, end);
  };
  (void)through_pipe(write_files, [&](int in) {
    files::TarPass tar(in, out);
    while (recipe.next()) {
      tar.write(recipe.head.data(), recipe.head.size());
      if (recipe.content > 0) find_content(tar, recipe, layer);
    }
    while (tar.next()) tar.skip();
    tar.finish();
  });
}

void make_blob(const state::Paths& paths, StorageDriver& storage, const Layer& layer) {
  if (!is_recipe_only(paths, layer)) return;
  Ingest ingest(paths);
  ReceivedFile blob;
  const auto write = [&](int end) {
    write_tar(paths, storage, layer, end);
    return true;
  };
  (void)through_pipe(write, [&](int in) { blob = receive_blob(in, ingest.new_path()); });
  if (blob.digest != layer.blob) throw not_its_files(layer);
  failpoint("images.before_made_blob");
  ContentStore(paths).put(blob);
}

} // namespace gantry::images
