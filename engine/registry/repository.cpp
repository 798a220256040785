#include "registry/repository.hpp"

#include <algorithm>
#include <cstdlib>

#include "base/error.hpp"
#include "images/digest.hpp"
#include "images/document.hpp"
#include "images/reference.hpp"
#include "registry/backoff.hpp"
#include "registry/registry_error.hpp"
#include "registry/transfer_error.hpp"

namespace gantry::registry {
namespace {

constexpr std::size_t pages_max = 1000, tags_max = 100000, tag_page_max = 8 << 20;

HttpRequest manifest_request(const std::string& method, const std::string& url) {
  HttpRequest request;
  request.method = method;
  request.url = url;
  request.headers.emplace_back("Accept", accepted_manifests());
  request.body_max = manifest_max;
  return request;
}

/// "bytes 100-199/200": where the part begins.
std::uint64_t start_of(const std::string& content_range) {
  constexpr std::string_view bytes = "bytes ";
  if (!content_range.starts_with(bytes)) return ~0ULL;
  return std::strtoull(content_range.c_str() + bytes.size(), nullptr, 10);
}

/// Passes on what follows byte `offset`, whether the server gave the part or everything.
class Rest {
 public:
  Rest(std::uint64_t offset, const BlobSink& sink) : offset_(offset), sink_(sink) {}

  void operator()(const HttpResponse& head, std::string_view bytes) {
    if (head.status == 206 && start_of(head.header("content-range")) != offset_)
      throw TransferError(TransferError::Kind::broken, "the registry sent another part of a blob than it was asked for");
    if (head.status != 206) {
      const auto known = std::min<std::uint64_t>(offset_ - skipped_, bytes.size());
      skipped_ += known;
      bytes.remove_prefix(known);
    }
    if (!bytes.empty()) sink_(bytes);
  }

 private:
  std::uint64_t offset_, skipped_ = 0;
  const BlobSink& sink_;
};

void fetch_blob(Client& client, const std::string& url, std::uint64_t offset, const BlobSink& sink, Cancel& cancel) {
  Rest rest(offset, sink);
  HttpRequest request;
  request.url = url;
  request.body_max = 1 << 20; // of an error
  if (offset) request.headers.emplace_back("Range", "bytes=" + std::to_string(offset) + "-");
  request.sink = [&rest](const HttpResponse& head, std::string_view bytes) { rest(head, bytes); };
  client.call(std::move(request), cancel);
}

/// RFC 8288: the target of rel="next", empty when there is none.
std::string next_page(const HttpResponse& response) {
  for (const auto& link : response.all("link")) {
    auto open = link.find('<'), close = link.find('>');
    if (open == 0 && close != link.npos && link.find("next", close) != link.npos) return link.substr(1, close - 1);
  }
  return {};
}

} // namespace

std::optional<Descriptor> Repository::head(const std::string& tag_or_digest, Cancel& cancel) const {
  const auto response = with_retries(
      attempts_, cancel, [&] { return client_->send(manifest_request("HEAD", url("manifests/" + tag_or_digest)), cancel); });
  auto digest = response.header("docker-content-digest");
  if (response.status >= 400 || !images::is_sha256(digest)) return std::nullopt;
  return Descriptor{response.header("content-type"), digest,
                    std::strtoull(response.header("content-length").c_str(), nullptr, 10)};
}

Document Repository::manifest(const std::string& tag_or_digest, const std::string& digest, Cancel& cancel) const {
  auto response = with_retries(attempts_, cancel,
                               [&] { return client_->call(manifest_request("GET", url("manifests/" + tag_or_digest)), cancel); });
  Document document{"", images::sha256_of(response.body), std::move(response.body)};
  if (!digest.empty() && document.digest != digest) throw invalid("manifest verification failed for digest " + digest);
  document.media_type = manifest_type(document.body, response.header("content-type"));
  return document;
}

std::string Repository::blob(const Descriptor& wanted, std::size_t max, Cancel& cancel) const {
  if (wanted.size > max)
    throw invalid("blob " + wanted.digest + " has " + std::to_string(wanted.size) + " bytes, at most " + std::to_string(max) +
                  " are allowed");
  auto bytes = with_retries(attempts_, cancel, [&] {
    std::string body;
    const BlobSink sink = [&](std::string_view piece) {
      if (body.size() + piece.size() > wanted.size)
        throw TransferError(TransferError::Kind::too_large, "blob " + wanted.digest + " is longer than its manifest says");
      body += piece;
    };
    fetch_blob(*client_, url("blobs/" + wanted.digest), 0, sink, cancel);
    return body;
  });
  if (images::sha256_of(bytes) != wanted.digest) throw invalid("image config verification failed for digest " + wanted.digest);
  return bytes;
}

BlobFetch Repository::fetch(const Descriptor& wanted) const {
  std::vector<std::string> places{url("blobs/" + wanted.digest)};
  if (is_foreign(wanted)) places.insert(places.begin(), wanted.urls.begin(), wanted.urls.end());
  return [client = client_, places](std::uint64_t offset, const BlobSink& sink, Cancel& cancel) {
    for (std::size_t i = 0;; ++i) {
      std::uint64_t got = 0;
      const BlobSink counting = [&](std::string_view bytes) {
        got += bytes.size();
        sink(bytes);
      };
      try {
        return fetch_blob(*client, places[i], offset, counting, cancel);
      } catch (const Error& e) {
        if (e.code() == Code::cancelled || got > 0 || i + 1 == places.size()) throw;
      }
    }
  };
}

std::vector<std::string> Repository::tags(Cancel& cancel) const {
  std::vector<std::string> all;
  std::string next = url("tags/list");
  for (std::size_t page = 0; !next.empty() && page < pages_max; ++page) {
    HttpRequest request;
    request.url = next;
    request.body_max = tag_page_max;
    const auto response = with_retries(attempts_, cancel, [&] { return client_->call(request, cancel); });
    const Json body = images::parse_document(response.body, "invalid list of tags");
    if (!body.is_object()) throw invalid("invalid list of tags: an object is needed");
    for (auto& tag : images::strings_member(body, "tags", "invalid list of tags"))
      if (images::is_tag(tag)) all.push_back(std::move(tag));
    if (all.size() > tags_max) throw invalid("the repository has more than " + std::to_string(tags_max) + " tags");
    const auto link = next_page(response);
    next = link.empty() ? "" : link;
  }
  return all;
}

} // namespace gantry::registry
