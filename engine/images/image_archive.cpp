#include "images/image_archive.hpp"

#include <unistd.h>

#include <sstream>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "images/archive_handle.hpp"
#include "images/document.hpp"
#include "images/expansion_guard.hpp"

namespace gantry::images {
namespace {

constexpr int entries_max = 100000, link_depth_max = 16;
constexpr std::size_t read_size = 256 << 10;

Error bad_entry(const std::string& path, const std::string& why) {
  return invalid("invalid archive: entry \"" + path + "\" " + why);
}

/// Resolves "." and ".." of `path` seen from `dir` ("" is the archive's root); never above the root.
std::string normalise(const std::string& dir, const std::string& path) {
  if (path.starts_with('/')) throw bad_entry(path, "is an absolute path");
  std::vector<std::string> parts;
  std::stringstream in(dir + "/" + path);
  for (std::string part; std::getline(in, part, '/');) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (parts.empty()) {
      throw bad_entry(path, "leads out of the archive");
    } else {
      parts.pop_back();
    }
  }
  std::string result;
  for (const auto& part : parts) result += (result.empty() ? "" : "/") + part;
  return result;
}

std::string parent_of(const std::string& path) {
  auto slash = path.rfind('/');
  return slash == path.npos ? "" : path.substr(0, slash);
}

} // namespace

/// One pass over the tar.
struct ImageArchive::Reader {
  ImageArchive& result;
  Ingest& ingest;
  ArchiveWatcher& watcher;
  ArchiveReader tar = make_archive_reader();
  std::uint64_t expanded = 0;

  Error broken() { return invalid("invalid archive: " + archive_reason(tar.get())); }

  void run(int fd) {
    archive_read_support_format_tar(tar.get());
    if (archive_read_open_fd(tar.get(), fd, read_size) != ARCHIVE_OK) throw broken();
    archive_entry* entry = nullptr;
    for (int count = 0;; ++count) {
      int status = archive_read_next_header(tar.get(), &entry);
      if (status == ARCHIVE_EOF) return;
      if (status < ARCHIVE_WARN || !archive_entry_pathname(entry)) throw broken();
      if (count == entries_max) throw invalid("invalid archive: more than 100000 entries");
      add(entry);
    }
  }

  void add(archive_entry* entry) {
    std::string raw = archive_entry_pathname(entry);
    auto path = normalise("", raw);
    if (const char* target = archive_entry_hardlink(entry)) {
      result.set_link(path, normalise("", target));
    } else if (archive_entry_filetype(entry) == AE_IFLNK) {
      const char* link = archive_entry_symlink(entry);
      result.set_link(path, normalise(parent_of(path), link ? link : ""));
    } else if (archive_entry_filetype(entry) == AE_IFREG) {
      result.links_.erase(path);
      const auto size = archive_entry_size(entry);
      watcher.received(result.files_[path] = receive(path, size > 0 ? static_cast<std::uint64_t>(size) : 0));
    } else if (archive_entry_filetype(entry) != AE_IFDIR) {
      throw bad_entry(raw, "is neither a file nor a directory nor a link");
    }
  }

  ReceivedFile receive(const std::string& path, std::uint64_t size) {
    ReceivedWriter writer(ingest.new_path());
    std::vector<char> buffer(read_size);
    for (bool first = true;; first = false) {
      auto n = archive_read_data(tar.get(), buffer.data(), buffer.size());
      if (n < 0) throw broken();
      if (n == 0) return writer.finish();
      expanded += static_cast<std::uint64_t>(n);
      check_expansion(static_cast<std::uint64_t>(archive_filter_bytes(tar.get(), -1)), expanded);
      const std::string_view bytes(buffer.data(), static_cast<std::size_t>(n));
      if (first && watcher.hashes(path, bytes, size)) writer.leave_hash_open();
      writer.write(bytes);
    }
  }
};

void ImageArchive::set_link(const std::string& path, const std::string& target) {
  links_[path] = target;
  files_.erase(path);
}

ImageArchive::ImageArchive(UniqueFd in, Ingest& ingest, ArchiveWatcher& watcher) {
  Reader reader{*this, ingest, watcher};
  reader.run(in.get());
  // The client may still be sending the padding behind the archive's end: let it finish.
  std::vector<char> rest(read_size);
  for (int i = 0; i < 16 && ::read(in.get(), rest.data(), rest.size()) > 0; ++i) continue;
  for (auto& [path, file] : files_)
    if (file.digest.empty()) file.digest = watcher.digest_of(file);
}

const ReceivedFile* ImageArchive::find(const std::string& path) const {
  auto at = normalise("", path);
  for (int depth = 0; depth < link_depth_max; ++depth) {
    if (auto file = files_.find(at); file != files_.end()) return &file->second;
    auto link = links_.find(at);
    if (link == links_.end()) return nullptr;
    at = link->second;
  }
  throw bad_entry(path, "is a loop of links");
}

const ReceivedFile& ImageArchive::file(const std::string& path) const {
  if (const auto* found = find(path)) return *found;
  throw invalid("invalid archive: \"" + path + "\" is missing");
}

std::string ImageArchive::text(const std::string& path) const {
  const auto& found = file(path);
  if (found.size > document_max)
    throw bad_entry(path,
                    "has " + std::to_string(found.size) + " bytes, at most " + std::to_string(document_max) + " are allowed");
  return read_file(found.path, document_max);
}

Json ImageArchive::json(const std::string& path) const { return parse_document(text(path), "invalid archive: " + path); }

} // namespace gantry::images
