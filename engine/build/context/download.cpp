#include "build/context/download.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <charconv>

#include <curl/curl.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "images/digest.hpp"

namespace gantry::build {
namespace {

constexpr int redirects_max = 10;

std::string absolute(const std::string& base, const std::string& location) {
  if (location.starts_with("http://") || location.starts_with("https://")) return location;
  CURLU* url = curl_url();
  char* text = nullptr;
  const bool good = curl_url_set(url, CURLUPART_URL, base.c_str(), 0) == CURLUE_OK &&
                    curl_url_set(url, CURLUPART_URL, location.c_str(), 0) == CURLUE_OK &&
                    curl_url_get(url, CURLUPART_URL, &text, 0) == CURLUE_OK;
  const std::string result = good ? text : "";
  curl_free(text);
  curl_url_cleanup(url);
  if (result.empty()) throw invalid("cannot follow the redirect to \"" + location + "\"");
  return result;
}

void write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw os_error("write a download", errno);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

std::string last_part(const std::string& path) {
  std::string name = path.substr(path.rfind('/') + 1);
  return name == "." || name == ".." || name.find('\0') != name.npos ? "" : name;
}

/// What is behind the last slash of the URL's path, unescaped.
std::string name_in_url(const std::string& text) {
  CURLU* url = curl_url();
  char* path = nullptr;
  const bool good = curl_url_set(url, CURLUPART_URL, text.c_str(), 0) == CURLUE_OK &&
                    curl_url_get(url, CURLUPART_PATH, &path, CURLU_URLDECODE) == CURLUE_OK;
  std::string name = good ? last_part(path) : "";
  curl_free(path);
  curl_url_cleanup(url);
  return name;
}

/// Content-Disposition: …; filename="NAME"
std::string name_in_header(const std::string& header) {
  constexpr std::string_view key = "filename=";
  const std::size_t at = header.find(key);
  if (at == header.npos) return {};
  std::string value = header.substr(at + key.size());
  const bool quoted = value.starts_with('"');
  value = quoted ? value.substr(1, value.find('"', 1) - 1) : value.substr(0, value.find_first_of("; \t"));
  return last_part(value);
}

/// 0 when the server does not say it, or not as a number.
std::uint64_t announced(const registry::HttpResponse& response) {
  const std::string text = response.header("content-length");
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  return error == std::errc() && end == text.data() + text.size() ? size : 0;
}

void check_room(int fd, std::uint64_t size) {
  struct statvfs disk {};
  if (::fstatvfs(fd, &disk) != 0) throw os_error("look at the disk", errno);
  const std::uint64_t room = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
  if (size > room)
    throw Error(Code::resource_exhausted,
                "the download has " + std::to_string(size) + " bytes, and the disk has room for " + std::to_string(room));
}

} // namespace

Download download(const std::string& url, const std::string& path, const registry::Transport& transport, registry::Cancel& cancel,
                  const DownloadProgress& progress) {
  const UniqueFd file = open_file(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
  registry::Transfers transfers;
  images::Sha256 sum;
  std::string at = url;
  for (int i = 0; i < redirects_max; ++i) {
    registry::HttpRequest request;
    request.url = at;
    std::uint64_t got = 0;
    request.sink = [&](const registry::HttpResponse& head, std::string_view bytes) {
      if (got == 0) check_room(file.get(), announced(head));
      sum.update(bytes);
      write_all(file.get(), bytes);
      got += bytes.size();
      if (progress) progress(got, announced(head));
    };
    const auto response = transfers.exchange(request, transport, cancel);
    if (response.status >= 300 && response.status < 400 && !response.header("location").empty()) {
      at = absolute(at, response.header("location"));
      continue;
    }
    if (response.status < 200 || response.status >= 300)
      throw invalid("failed to GET " + url + " with status " + std::to_string(response.status) + " " + response.reason + ": " +
                    response.body.substr(0, 500));
    const time_t modified = curl_getdate(response.header("last-modified").c_str(), nullptr);
    std::string name = name_in_url(url);
    if (name.empty()) name = name_in_header(response.header("content-disposition"));
    return {path, name, sum.digest(), modified > 0 ? modified : 0};
  }
  throw invalid("failed to GET " + url + ": too many redirects");
}

} // namespace gantry::build
