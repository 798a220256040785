#include "registry/blob_records.hpp"

#include "base/time.hpp"

namespace gantry::registry {
namespace {

/// Enough for every layer of many images; older ones go.
constexpr std::int64_t records_max = 20000;

} // namespace

std::optional<BlobRecords::Packed> BlobRecords::packed(const std::string& diff_id, const std::string& packing) {
  std::optional<Packed> found;
  database_.read([&](state::Database::Transaction& t) {
    auto row = t.prepare("SELECT digest, size FROM packed_layers WHERE diff_id = ? AND packing = ?");
    if (row.bind(1, diff_id).bind(2, packing).step()) found = {row.text(0), static_cast<std::uint64_t>(row.number(1))};
  });
  return found;
}

void BlobRecords::remember_packed(const std::string& diff_id, const std::string& packing, const Packed& packed) {
  database_.transaction([&](state::Database::Transaction& t) {
    t.prepare("INSERT OR REPLACE INTO packed_layers(diff_id, packing, digest, size) VALUES(?, ?, ?, ?)")
        .bind(1, diff_id)
        .bind(2, packing)
        .bind(3, packed.digest)
        .bind(4, static_cast<std::int64_t>(packed.size))
        .step();
    t.prepare("DELETE FROM packed_layers WHERE rowid <= (SELECT max(rowid) FROM packed_layers) - ?").bind(1, records_max).step();
  });
}

std::vector<std::string> BlobRecords::places(const std::string& digest, const std::string& domain, const std::string& except) {
  std::vector<std::string> paths;
  const auto prefix = domain + "/";
  database_.read([&](state::Database::Transaction& t) {
    auto row = t.prepare("SELECT repository FROM blob_places WHERE digest = ? ORDER BY seen_ns DESC");
    row.bind(1, digest);
    while (row.step() && paths.size() < 3)
      if (auto text = row.text(0); text.starts_with(prefix) && text != prefix + except)
        paths.push_back(text.substr(prefix.size()));
  });
  return paths;
}

void BlobRecords::remember_place(const std::vector<std::string>& digests, const std::string& domain, const std::string& path) {
  const auto now = now_ns();
  database_.transaction([&](state::Database::Transaction& t) {
    for (const auto& digest : digests)
      t.prepare("INSERT OR REPLACE INTO blob_places(digest, repository, seen_ns) VALUES(?, ?, ?)")
          .bind(1, digest)
          .bind(2, domain + "/" + path)
          .bind(3, now)
          .step();
    t.prepare("DELETE FROM blob_places WHERE rowid <= (SELECT max(rowid) FROM blob_places) - ?").bind(1, records_max).step();
  });
}

void BlobRecords::forget_place(const std::string& digest, const std::string& domain, const std::string& path) {
  database_.transaction([&](state::Database::Transaction& t) {
    t.prepare("DELETE FROM blob_places WHERE digest = ? AND repository = ?").bind(1, digest).bind(2, domain + "/" + path).step();
  });
}

} // namespace gantry::registry
