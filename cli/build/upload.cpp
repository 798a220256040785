#include "cli/build/upload.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <vector>

#include "cli/build/context_tar.hpp"
#include "cli/commands/image/file_source.hpp"
#include "cli/failure.hpp"

namespace gantry::cli {
namespace {

namespace fs = std::filesystem;

std::function<std::string()> once(std::string text) {
  auto left = std::make_shared<std::string>(std::move(text));
  return [left] { return std::exchange(*left, {}); };
}

bool is_tar(const std::string& head) {
  for (const char* magic : {"\x1f\x8b", "BZh",
                            "\xfd"
                            "7zXZ",
                            "\x28\xb5\x2f\xfd"})
    if (head.starts_with(magic)) return true;
  return head.size() > 262 && head.compare(257, 5, "ustar") == 0;
}

/// Standard input: an archive of the context, or a Dockerfile without one.
Upload from_stdin(const std::string& file_option) {
  if (file_option == "-") throw Failure("invalid argument: can't use stdin for both build context and dockerfile");
  const auto source = file_source("-");
  std::string head = source();
  while (head.size() < 512) {
    const std::string more = source();
    if (more.empty()) break;
    head += more;
  }
  if (is_tar(head)) {
    auto first = std::make_shared<std::string>(std::move(head));
    return {[first, source] { return first->empty() ? source() : std::exchange(*first, {}); }, file_option, "", ""};
  }
  for (std::string more = source(); !more.empty(); more = source()) head += more;
  return {once(tar_of({{"Dockerfile", head}})), "Dockerfile", head, ""};
}

Upload from_directory(const std::string& path, const std::string& file_option, bool check) {
  std::error_code error;
  const fs::path root = fs::canonical(path, error);
  if (error || !fs::is_directory(root)) throw Failure("unable to prepare context: path \"" + path + "\" not found");
  Upload upload;
  std::map<std::string, std::string> extra;
  std::string ignore, name = "Dockerfile";
  fs::path file = root / "Dockerfile";
  if (!file_option.empty() && file_option != "-") file = fs::absolute(file_option);
  if (file_option.empty() && !fs::exists(file) && fs::exists(root / "dockerfile")) file = root / "dockerfile";
  upload.dockerfile_text = read_all(file_option == "-" ? "-" : file.string(),
                                    "unable to prepare context: unable to evaluate symlinks in Dockerfile path");
  const fs::path inside = fs::weakly_canonical(file.parent_path(), error) / file.filename();
  const std::string relative = inside.lexically_relative(root).string();
  const bool outside = file_option == "-" || relative.empty() || relative.starts_with("..");
  if (fs::exists(root / ".dockerignore")) ignore = read_all((root / ".dockerignore").string(), "error reading .dockerignore");
  if (!outside && fs::exists(root / (relative + ".dockerignore")))
    ignore = read_all((root / (relative + ".dockerignore")).string(), "error reading .dockerignore");
  name = relative;
  if (outside) {
    // It goes along under a name of its own, which no COPY sees.
    name = ".dockerfile." + std::to_string(::getpid());
    extra[name] = upload.dockerfile_text;
    extra[".dockerignore"] = ignore + "\n" + name + (ignore.empty() ? "\n.dockerignore\n" : "\n");
  }
  upload.dockerfile_name = name;
  const auto tar = std::make_shared<ContextTar>(root.string(), check ? "*" : ignore, extra,
                                                std::vector<std::string>{name, ".dockerignore", name + ".dockerignore"});
  upload.next = [tar] { return tar->next(); };
  return upload;
}

} // namespace

std::string read_all(const std::string& path, const char* what) {
  std::ifstream in(path == "-" ? "/dev/stdin" : path, std::ios::binary);
  if (!in) throw Failure(std::string(what) + ": open " + path + ": " + std::strerror(errno));
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

bool is_url(const std::string& text) {
  for (const char* scheme : {"http://", "https://", "git://", "git@", "github.com/", "ssh://"})
    if (text.starts_with(scheme)) return true;
  return false;
}

Upload prepare_upload(const std::string& path, const std::string& file_option, bool check) {
  if (path == "-") return from_stdin(file_option);
  if (is_url(path) && !fs::exists(path)) return {nullptr, file_option, "", path};
  return from_directory(path, file_option, check);
}

} // namespace gantry::cli
