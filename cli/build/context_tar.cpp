#include "cli/build/context_tar.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include <gantry/sdk/error.hpp>
#include <gantry/sdk/fd.hpp>

#include "build/context/ignore.hpp"
#include "cli/failure.hpp"

namespace gantry::cli {
namespace {

constexpr std::size_t block = 512, piece_size = 256 << 10;

std::string octal(std::uint64_t value, std::size_t width) {
  char text[32];
  std::snprintf(text, sizeof text, "%0*llo", static_cast<int>(width), static_cast<unsigned long long>(value));
  return text;
}

struct Entry {
  std::string name, link;
  char type = '0';
  unsigned mode = 0644;
  std::uint64_t size = 0;
  std::int64_t mtime = 0;
};

std::string padded(std::string text) {
  text.resize((text.size() + block - 1) / block * block, '\0');
  return text;
}

/// One ustar header. What does not fit is said by the pax header in front of it.
std::string ustar(const Entry& e) {
  std::string h(block, '\0');
  const auto put = [&](std::size_t at, std::size_t size, const std::string& text) {
    h.replace(at, std::min(size, text.size()), text, 0, size);
  };
  put(0, 100, e.name);
  put(100, 7, octal(e.mode & 07777, 7));
  put(108, 7, octal(0, 7));
  put(116, 7, octal(0, 7));
  put(124, 11, octal(e.size < (1ULL << 33) ? e.size : 0, 11));
  put(136, 11, octal(e.mtime > 0 ? static_cast<std::uint64_t>(e.mtime) & ((1ULL << 33) - 1) : 0, 11));
  put(148, 8, "        ");
  h[156] = e.type;
  put(157, 100, e.link);
  put(257, 8,
      std::string("ustar\0"
                  "00",
                  8));
  unsigned sum = 0;
  for (const char c : h) sum += static_cast<unsigned char>(c);
  put(148, 8, octal(sum, 6) + std::string("\0 ", 2));
  return h;
}

std::string pax_record(const std::string& key, const std::string& value) {
  const std::size_t bare = key.size() + value.size() + 3;
  std::size_t size = bare + 1;
  while (std::to_string(size).size() + bare != size) size = std::to_string(size).size() + bare;
  return std::to_string(size) + " " + key + "=" + value + "\n";
}

std::string header(const Entry& e) {
  std::string records;
  if (e.name.size() > 100) records += pax_record("path", e.name);
  if (e.link.size() > 100) records += pax_record("linkpath", e.link);
  if (e.size >= (1ULL << 33)) records += pax_record("size", std::to_string(e.size));
  if (records.empty()) return ustar(e);
  return ustar({"pax", "", 'x', 0644, records.size(), 0}) + padded(records) + ustar(e);
}

std::string whole_file(const std::string& name, const std::string& content) {
  return header({name, "", '0', 0644, content.size(), 0}) + padded(content);
}

[[noreturn]] void fail(const std::string& what, const std::string& path) {
  throw Failure("error building context: " + what + " " + path + ": " + std::strerror(errno));
}

std::vector<std::string> names_in(const std::string& path) {
  DIR* directory = ::opendir(path.c_str());
  if (directory == nullptr) fail("open", path);
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(directory))
    if (std::strcmp(entry->d_name, ".") != 0 && std::strcmp(entry->d_name, "..") != 0) names.emplace_back(entry->d_name);
  ::closedir(directory);
  std::sort(names.begin(), names.end());
  return names;
}

} // namespace

struct ContextTar::Impl {
  struct Level {
    std::string prefix; ///< "a/b/"
    std::vector<std::string> names;
    std::size_t next = 0;
  };

  std::string directory;
  build::IgnoreRules rules;
  std::map<std::string, std::string> extra;
  std::vector<std::string> keep;
  std::vector<Level> levels{};
  std::string ready{};
  UniqueFd file{};
  std::string file_path{};
  std::uint64_t left = 0, padding = 0;
  bool ended = false;

  bool wanted(const std::string& path) const {
    if (extra.contains(path)) return false;
    if (std::find(keep.begin(), keep.end(), path) != keep.end()) return true;
    return !rules.ignores(path);
  }

  /// Whether something that is sent may be below an ignored directory.
  bool has_wanted_below(const std::string& path) const {
    if (rules.has_exceptions()) return true;
    return std::any_of(keep.begin(), keep.end(), [&](const std::string& name) { return name.starts_with(path + "/"); });
  }

  void add(const std::string& name) {
    const std::string path = directory + "/" + name;
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) {
      if (errno == ENOENT) return; // it went meanwhile
      fail("lstat", path);
    }
    const bool send = wanted(name);
    if (S_ISDIR(info.st_mode)) {
      if (send) ready += header({name + "/", "", '5', info.st_mode, 0, info.st_mtime});
      if (send || has_wanted_below(name)) levels.push_back({name + "/", names_in(path)});
      return;
    }
    if (!send) return;
    if (S_ISLNK(info.st_mode)) {
      std::string target(4096, '\0');
      const ssize_t n = ::readlink(path.c_str(), target.data(), target.size());
      if (n < 0) fail("readlink", path);
      target.resize(static_cast<std::size_t>(n));
      ready += header({name, target, '2', 0777, 0, info.st_mtime});
    } else if (S_ISREG(info.st_mode)) {
      file.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
      if (!file) fail("open", path);
      file_path = path;
      left = static_cast<std::uint64_t>(info.st_size);
      padding = (block - left % block) % block;
      ready += header({name, "", '0', info.st_mode, left, info.st_mtime});
    }
    // Sockets, devices and fifos are no part of a context.
  }

  void read_file() {
    std::string piece(std::min<std::uint64_t>(left, piece_size), '\0');
    if (!piece.empty()) {
      const ssize_t n = ::read(file.get(), piece.data(), piece.size());
      if (n < 0 && errno != EINTR) fail("read", file_path);
      if (n == 0) throw Failure("error building context: " + file_path + " became shorter while it was read");
      piece.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
      left -= piece.size();
      ready += piece;
    }
    if (left > 0) return;
    ready.append(padding, '\0');
    file.reset();
  }

  void advance() {
    if (file) return read_file();
    while (!levels.empty() && levels.back().next == levels.back().names.size()) levels.pop_back();
    if (levels.empty()) {
      for (const auto& [name, content] : extra) ready += whole_file(name, content);
      ready.append(2 * block, '\0');
      ended = true;
      return;
    }
    Level& level = levels.back();
    const std::string name = level.prefix + level.names[level.next++];
    add(name);
  }
};

ContextTar::ContextTar(std::string directory, const std::string& ignore, std::map<std::string, std::string> extra,
                       std::vector<std::string> keep) {
  try {
    impl_ = std::make_unique<Impl>(Impl{std::move(directory), build::IgnoreRules(ignore), std::move(extra), std::move(keep)});
  } catch (const Error& e) {
    throw Failure("error checking context: " + std::string(e.what()));
  }
  impl_->levels.push_back({"", names_in(impl_->directory)});
}

ContextTar::~ContextTar() = default;

std::string ContextTar::next() {
  while (impl_->ready.size() < piece_size && !impl_->ended) impl_->advance();
  return std::exchange(impl_->ready, {});
}

std::string tar_of(const std::map<std::string, std::string>& files) {
  std::string tar;
  for (const auto& [name, content] : files) tar += whole_file(name, content);
  return tar.append(2 * block, '\0');
}

} // namespace gantry::cli
