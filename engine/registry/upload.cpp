#include "registry/upload.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "base/error.hpp"
#include "base/file.hpp"
#include "registry/backoff.hpp"
#include "registry/registry_error.hpp"
#include "registry/transfer_error.hpp"
#include "registry/url.hpp"

namespace gantry::registry {
namespace {

/// Reads the content from an offset on, for one exchange.
class ContentReader {
 public:
  ContentReader(const BlobContent& content, std::uint64_t offset) : content_(content), at_(offset) {
    if (!content.path.empty()) file_ = open_file(content.path, O_RDONLY);
  }

  std::size_t read(char* buffer, std::size_t size) {
    size = static_cast<std::size_t>(std::min<std::uint64_t>(size, content_.size - at_));
    if (content_.path.empty()) {
      content_.bytes.copy(buffer, size, at_);
      at_ += size;
      return size;
    }
    for (;;) {
      const auto n = ::pread(file_.get(), buffer, size, static_cast<off_t>(at_));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) throw os_error("read " + content_.path, errno);
      at_ += static_cast<std::uint64_t>(n);
      return static_cast<std::size_t>(n);
    }
  }

  std::uint64_t at() const { return at_; }

 private:
  const BlobContent& content_;
  UniqueFd file_;
  std::uint64_t at_;
};

std::string location_of(const HttpResponse& response, const std::string& base) {
  const auto location = response.header("location");
  if (location.empty()) throw RegistryError(502, "", "the registry began an upload without saying where");
  return resolve_url(base + "/", location).text;
}

} // namespace

bool Uploads::exists(const std::string& digest, Cancel& cancel) const {
  return with_retries(repository_.attempts(), cancel, [&] {
    HttpRequest request;
    request.method = "HEAD";
    request.url = repository_.url("blobs/" + digest);
    const auto response = repository_.client()->send(request, cancel);
    if (response.status == 404) return false;
    if (response.status >= 400) throw registry_error(response);
    return true;
  });
}

bool Uploads::mount(const std::string& digest, const std::string& from, Cancel& cancel) const {
  HttpRequest request;
  request.method = "POST";
  request.url = with_parameter(with_parameter(repository_.url("blobs/uploads/"), "mount", digest), "from", from);
  const auto response = repository_.client()->send(request, cancel);
  // 202: the registry begins an upload instead, which nobody will use; it forgets it by itself.
  return response.status == 201;
}

std::string Uploads::begin(Cancel& cancel) const {
  HttpRequest request;
  request.method = "POST";
  request.url = repository_.url("blobs/uploads/");
  return location_of(repository_.client()->call(request, cancel), repository_.client()->endpoint().base);
}

std::string Uploads::patch(const std::string& location, const BlobContent& content, std::uint64_t offset,
                           const std::function<void(std::uint64_t)>& progress, Cancel& cancel) const {
  ContentReader reader(content, offset);
  HttpRequest request;
  request.method = "PATCH";
  request.url = location;
  request.headers.emplace_back("Content-Type", "application/octet-stream");
  if (offset) request.headers.emplace_back("Content-Range", std::to_string(offset) + "-" + std::to_string(content.size - 1));
  request.size = content.size - offset;
  request.read = [&](char* buffer, std::size_t size) {
    const auto n = reader.read(buffer, size);
    progress(reader.at());
    return n;
  };
  return location_of(repository_.client()->call(request, cancel), location);
}

/// Asks how much of a broken upload has arrived. A registry that has forgotten it, or (docker-registry) goes on only where its
/// last complete answer was, gets it from the first byte.
std::string Uploads::where(std::string& location, std::uint64_t& offset, Cancel& cancel) const {
  HttpRequest request;
  request.url = location;
  const auto response = repository_.client()->send(request, cancel);
  if (response.status >= 500) throw registry_error(response);
  if (response.status >= 400) {
    offset = 0;
    return begin(cancel);
  }
  const auto range = response.header("range"); // "0-1023": of what is there; "0-0" also when nothing is
  const auto dash = range.find('-');
  const auto last = dash == range.npos ? 0 : std::strtoull(range.c_str() + dash + 1, nullptr, 10);
  offset = last ? last + 1 : 0;
  return response.header("location").empty() ? location : location_of(response, location);
}

void Uploads::finish(const std::string& location, const std::string& digest, Cancel& cancel) const {
  HttpRequest request;
  request.method = "PUT";
  request.url = with_parameter(location, "digest", digest);
  request.headers.emplace_back("Content-Type", "application/octet-stream");
  repository_.client()->call(request, cancel);
}

void Uploads::send(const BlobContent& content, const std::function<void(std::uint64_t)>& progress, Cancel& cancel) const {
  Backoff backoff(repository_.attempts(), nullptr);
  std::string location;
  std::uint64_t offset = 0;
  for (bool broken = false;;) {
    std::exception_ptr failure;
    const auto before = offset;
    try {
      if (location.empty()) location = with_retries(repository_.attempts(), cancel, [&] { return begin(cancel); });
      if (broken) location = where(location, offset, cancel);
      if (offset > content.size) throw RegistryError(502, "", "the registry says that it has more of a blob than there is");
      if (offset < content.size || content.size == 0) location = patch(location, content, offset, progress, cancel);
      offset = content.size;
      return finish(location, content.digest, cancel);
    } catch (...) {
      failure = std::current_exception();
    }
    if (offset > before) backoff.made_progress();
    broken = true;
    backoff.after(failure, cancel);
  }
}

} // namespace gantry::registry
