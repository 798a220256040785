#include "images/layer_recipe.hpp"

#include <fcntl.h>
#include <sys/stat.h>
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

constexpr std::string_view first_bytes = "gantry recipe 1\n"; ///< with the version
constexpr std::uint32_t largest_part = 1 << 20;               ///< of headers or a path; a file that says more is damaged
constexpr unsigned gzip_buffer = 128 << 10;

/// What stands before headers, or a part of them, and the path of the content behind them.
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
  explicit RecipeReader(const std::string& where) : where_(where), file_(open_gzip(open_file(where, O_RDONLY), "rb")) {
    head.resize(first_bytes.size());
    read(head);
    if (head != first_bytes) throw damaged();
  }

  /// False at the end.
  bool next() {
    RecipeEntry entry;
    const int got = ::gzread(file_.get(), &entry, sizeof entry);
    if (got == 0 && ::gzeof(file_.get()) != 0) return false;
    if (got != sizeof entry || entry.head > largest_part || entry.path > largest_part) throw damaged();
    if ((entry.content > 0) != (entry.path > 0)) throw damaged();
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
  Error damaged() const { return {Code::data_loss, where_ + " is damaged"}; }
  void read(std::string& text) {
    if (::gzread(file_.get(), text.data(), static_cast<unsigned>(text.size())) != static_cast<int>(text.size())) throw damaged();
  }

  std::string where_;
  GzipFile file_;
};

/// Goes on in the tar of the layer's files to the content that comes next. False when that is not there.
bool find_content(files::TarPass& tar, const RecipeReader& recipe, const Layer& layer) {
  while (const auto path = tar.next()) {
    if (*path != recipe.path) {
      tar.skip();
      continue;
    }
    if (tar.content() != recipe.content) throw not_its_files(layer);
    tar.take_content();
    return true;
  }
  return false;
}

/// Writes a tar with what the recipe says.
class TarAgain {
 public:
  TarAgain(const std::string& recipe, const Layer& layer, int out) : recipe_(recipe), layer_(layer), out_(out) {}

  /// `in`: the tar of the layer's files. False: a content was not behind the one before it; go on with the tar from its start.
  bool go_on(int in) {
    files::TarPass tar(in, out_);
    for (bool at_start = true; searching_ || recipe_.next(); searching_ = at_start = false) {
      if (!searching_) tar.write(recipe_.head.data(), recipe_.head.size());
      if (recipe_.content == 0) continue;
      searching_ = true;
      if (find_content(tar, recipe_, layer_)) continue;
      if (at_start) throw not_its_files(layer_);
      tar.drain();
      return false;
    }
    while (tar.next()) tar.skip();
    tar.finish();
    return true;
  }

 private:
  RecipeReader recipe_;
  const Layer& layer_;
  int out_;
  bool searching_ = false; ///< the content that the recipe is at
};

ReceivedFile receive_blob(int in, const std::string& path, const std::function<void()>& check) {
  ReceivedWriter writer(path);
  std::vector<char> buffer(1 << 20);
  for (;;) {
    check();
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

std::uint64_t blob_bytes(const state::Paths& paths, const Layer& layer) {
  if (layer.blob.empty()) return 0;
  std::uint64_t bytes = 0;
  struct stat info {};
  for (const auto& path : {paths.blob(layer.blob), recipe_path(paths, layer.blob)})
    if (::stat(path.c_str(), &info) == 0) bytes += static_cast<std::uint64_t>(info.st_size);
  return bytes;
}

RecipeWriter::RecipeWriter(const std::string& path)
    : file_(open_gzip(open_file(path, O_WRONLY | O_CREAT | O_EXCL, 0600), "wb1")) {
  put(first_bytes.data(), first_bytes.size());
}

void RecipeWriter::put(const void* data, std::size_t size) {
  if (size == 0 || ::gzwrite(file_.get(), data, static_cast<unsigned>(size)) > 0) return;
  int code = 0;
  (void)::gzerror(file_.get(), &code);
  throw os_error("write the recipe of a layer", code == Z_ERRNO ? errno : EIO);
}

void RecipeWriter::add(std::string_view head, const std::string& path, std::uint64_t content) {
  for (; head.size() > largest_part; head.remove_prefix(largest_part)) add(head.substr(0, largest_part), path, 0);
  const std::string_view named = content > 0 ? std::string_view(path) : std::string_view();
  if (named.size() > largest_part) throw invalid("a path of " + std::to_string(named.size()) + " bytes in a layer");
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
  TarAgain tar(recipe_path(paths, layer.blob), layer, out);
  const auto write_files = [&](int end) {
    UncancelledCall call;
    return storage.diff(call, layer.chain, end);
  };
  // A driver tells a layer's files in the same order every time; one that does not costs a search from the start each time.
  for (bool done = false; !done;) (void)through_pipe(write_files, [&](int in) { done = tar.go_on(in); });
}

void make_blob(const state::Paths& paths, StorageDriver& storage, const Layer& layer, const std::function<void()>& check) {
  if (!is_recipe_only(paths, layer)) return;
  Ingest ingest(paths);
  ReceivedFile blob;
  const auto write = [&](int end) {
    write_tar(paths, storage, layer, end);
    return true;
  };
  (void)through_pipe(write, [&](int in) { blob = receive_blob(in, ingest.new_path(), check); });
  if (blob.digest != layer.blob) throw not_its_files(layer);
  failpoint("images.before_made_blob");
  ContentStore(paths).put(blob);
}

} // namespace gantry::images
