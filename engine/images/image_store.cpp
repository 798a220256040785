#include "images/image_store.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "base/rollback.hpp"
#include "base/time.hpp"
#include "images/digest.hpp"
#include "images/image_config.hpp"
#include "images/image_manifest.hpp"
#include "images/naming.hpp"
#include "images/uncancelled_call.hpp"

namespace gantry::images {
namespace {

Image make_image(const std::string& id, const std::string& config_bytes) {
  auto config = parse_image_config(config_bytes);
  Image image;
  image.id = id;
  image.config = std::move(config.document);
  image.diff_ids = std::move(config.diff_ids);
  image.created_ns = config.created_ns;
  return image;
}

void insert_layer(state::Database::Transaction& t, const Layer& layer) {
  t.prepare("INSERT INTO layers(chain, parent, diff_id, size, blob, blob_size) VALUES(?, ?, ?, ?, ?, ?)")
      .bind(1, layer.chain)
      .bind(2, layer.parent)
      .bind(3, layer.diff_id)
      .bind(4, static_cast<std::int64_t>(layer.size))
      .bind(5, layer.blob)
      .bind(6, static_cast<std::int64_t>(layer.blob_size))
      .step();
}

void insert_manifest(state::Database::Transaction& t, const std::string& image_id, const Manifest& manifest) {
  t.prepare("INSERT OR REPLACE INTO manifests(digest, image_id, media_type, index_digest, body) VALUES(?, ?, ?, ?, ?)")
      .bind(1, manifest.digest)
      .bind(2, image_id)
      .bind(3, manifest.media_type)
      .bind(4, manifest.index_digest)
      .bind(5, manifest.body)
      .step();
}

/// Images that came from the index, or from another one that has the same manifests of them.
std::set<std::string> images_in(state::Database::Transaction& t, const Manifest& index) {
  std::set<std::string> ids;
  const auto add = [&](const std::string& digest) {
    auto row = t.prepare("SELECT image_id FROM manifests WHERE digest = ?");
    for (row.bind(1, digest); row.step();) ids.insert(row.text(0));
  };
  add(index.digest);
  for (const auto& entry : parse_index(index.body)) add(entry.manifest.digest);
  return ids;
}

ImagePtr orphan(Image image) {
  image.parent.clear();
  return std::make_shared<const Image>(std::move(image));
}

} // namespace

ImageStore::ImageStore(const state::Paths& paths, state::Database& db, StorageDriver& storage)
    : db_(db), storage_(storage), content_(paths) {
  load();
}

void ImageStore::load() {
  auto all = std::make_shared<Catalogue>();
  db_.read([&](Transaction& t) {
    for (auto row = t.prepare("SELECT chain, parent, diff_id, size, blob, blob_size FROM layers"); row.step();)
      all->layers[row.text(0)] = {row.text(0), row.text(1),
                                  row.text(2), static_cast<std::uint64_t>(row.number(3)),
                                  row.text(4), static_cast<std::uint64_t>(row.number(5))};
    for (auto row = t.prepare("SELECT name, image_id FROM image_names"); row.step();) all->names[row.text(0)] = row.text(1);
    for (auto row = t.prepare("SELECT name, image_id FROM other_platforms"); row.step();)
      all->others[row.text(0)].insert(row.text(1));
    for (auto row = t.prepare("SELECT id, config, tagged_ns, parent, last_used_ns FROM images"); row.step();) {
      auto image = make_image(row.text(0), row.text(1));
      image.tagged_ns = row.number(2);
      image.parent = row.text(3);
      image.last_used_ns = row.number(4);
      all->images[row.text(0)] = with_names(std::move(image), *all);
    }
  });
  replace(std::move(all));
}

CataloguePtr ImageStore::catalogue() const {
  std::lock_guard lock(reading_);
  return catalogue_;
}

void ImageStore::replace(std::shared_ptr<Catalogue> next) {
  std::lock_guard lock(reading_);
  catalogue_ = std::move(next);
}

std::string ImageStore::config_bytes(const std::string& image_id) {
  std::string bytes;
  db_.read([&](Transaction& t) {
    auto row = t.prepare("SELECT config FROM images WHERE id = ?");
    if (!row.bind(1, image_id).step()) throw not_found("No such image: " + image_id);
    bytes = row.text(0);
  });
  return bytes;
}

std::vector<Manifest> ImageStore::manifests(const std::string& image_id) {
  std::vector<Manifest> all;
  db_.read([&](Transaction& t) {
    auto row = t.prepare(
        "SELECT digest, media_type, index_digest, body FROM manifests WHERE image_id = ? "
        "ORDER BY rowid DESC");
    row.bind(1, image_id);
    while (row.step()) all.push_back({row.text(0), row.text(1), row.text(2), row.text(3)});
  });
  return all;
}

std::shared_ptr<Catalogue> ImageStore::draft() const { return std::make_shared<Catalogue>(*catalogue()); }

ImageStore::Lease::Lease(ImageStore& store, std::vector<std::string> chains, Purpose purpose)
    : store_(store), chains_(std::move(chains)), purpose_(purpose) {
  std::lock_guard lock(store_.writing_);
  store_.leased_.insert(chains_.begin(), chains_.end());
  if (purpose_ == Purpose::work) store_.working_.insert(chains_.begin(), chains_.end());
}

ImageStore::Lease::~Lease() {
  std::lock_guard lock(store_.writing_);
  for (const auto& chain : chains_) {
    store_.leased_.erase(store_.leased_.find(chain));
    if (purpose_ == Purpose::work) store_.working_.erase(store_.working_.find(chain));
  }
  try {
    auto next = store_.draft();
    if (!store_.sweep(*next).empty()) store_.replace(std::move(next));
  } catch (const std::exception& e) {
    log::warn(std::string("delete unused layers: ") + e.what());
  }
}

std::multiset<std::string> ImageStore::working() const {
  std::lock_guard lock(writing_);
  return working_;
}

void ImageStore::put_image(Transaction& t, Catalogue& next, const NewImage& added, std::vector<MovedName>& moved,
                           std::set<std::string>& changed) {
  auto id = sha256_of(added.config);
  const auto now = now_ns();
  t.prepare("INSERT OR IGNORE INTO images(id, config, tagged_ns) VALUES(?, ?, 0)").bind(1, id).bind(2, added.config).step();
  Image image = next.images.contains(id) ? *next.images.at(id) : make_image(id, added.config);
  image.last_used_ns = now;
  t.prepare("UPDATE images SET last_used_ns = ? WHERE id = ?").bind(1, now).bind(2, id).step();
  next.images[id] = std::make_shared<const Image>(std::move(image));
  changed.insert(id);
  for (const auto& manifest : added.manifests) insert_manifest(t, id, manifest);
  const bool of_index = added.manifests.size() > 1;
  const auto kept = of_index ? images_in(t, added.manifests.front()) : std::set<std::string>();
  Naming naming(t, next, changed);
  for (const auto& name : added.names) {
    const auto before = next.under(name);
    naming.add(name, id, kept);
    for (const auto& old : before)
      if (!next.leads_to(name, old)) moved.push_back({name, old});
  }
}

/// After all of them are there: a parent may come behind its child. One that has gone meanwhile is none.
void ImageStore::put_parent(Transaction& t, Catalogue& next, const NewImage& added) {
  const auto id = sha256_of(added.config);
  if (added.parent == id || !next.images.contains(added.parent)) return;
  t.prepare("UPDATE images SET parent = ? WHERE id = ?").bind(1, added.parent).bind(2, id).step();
  Image image = *next.images.at(id);
  image.parent = added.parent;
  next.images[id] = std::make_shared<const Image>(std::move(image));
}

std::vector<MovedName> ImageStore::publish(std::vector<UnpackedLayer>& layers, const std::vector<NewImage>& images) {
  std::lock_guard lock(writing_);
  auto next = draft();
  Rollback undo;
  std::vector<Layer> added;
  for (auto& [plan, snapshot, size] : layers) {
    if (next->layers.contains(plan.chain)) continue; // somebody else was faster
    Layer layer{plan.chain, plan.parent, plan.diff_id, size, plan.blob.digest, plan.blob.size};
    snapshot->commit(layer.chain, layer.parent);
    undo.add("remove layer " + layer.chain, [this, chain = layer.chain] {
      UncancelledCall call;
      storage_.remove(call, chain);
    });
    failpoint("images.after_commit");
    if (content_.put(plan.blob)) undo.add("remove blob " + layer.blob, [this, blob = layer.blob] { content_.remove(blob); });
    next->layers[layer.chain] = layer;
    added.push_back(std::move(layer));
  }
  failpoint("images.before_rows");
  std::vector<MovedName> moved;
  std::set<std::string> changed;
  db_.transaction([&](Transaction& t) {
    for (const auto& layer : added) insert_layer(t, layer);
    for (const auto& image : images) put_image(t, *next, image, moved, changed);
    for (const auto& image : images) put_parent(t, *next, image);
  });
  undo.dismiss();
  refresh_names(*next, changed);
  replace(std::move(next));
  return moved;
}

std::vector<std::string> ImageStore::drop_image(const std::string& image_id) {
  std::lock_guard lock(writing_);
  auto next = draft();
  // Whoever deletes takes the names away first. One that is here was given since, and whoever gave it has been told that it is
  // good.
  if (const auto names = next->names_of(image_id); !names.empty())
    throw Error(Code::in_use, "image " + image_id + " has just been given the name " + *names.begin());
  db_.transaction([&](Transaction& t) {
    t.prepare("UPDATE images SET parent = '' WHERE parent = ?").bind(1, image_id).step();
    t.prepare("DELETE FROM images WHERE id = ?").bind(1, image_id).step();
  });
  next->images.erase(image_id);
  for (auto& [id, image] : next->images)
    if (image->parent == image_id) image = orphan(*image);
  replace(next);
  auto rest = std::make_shared<Catalogue>(*next);
  auto removed = sweep(*rest);
  replace(std::move(rest));
  std::lock_guard used(using_);
  used_.erase(image_id);
  return removed;
}

bool ImageStore::was_embedded(const std::string& archive_digest) {
  bool found = false;
  db_.read([&](Transaction& t) {
    found = t.prepare("SELECT 1 FROM embedded_archives WHERE digest = ?").bind(1, archive_digest).step();
  });
  return found;
}

void ImageStore::remember_embedded(const std::string& archive_digest) {
  db_.transaction([&](Transaction& t) {
    t.prepare("INSERT OR IGNORE INTO embedded_archives(digest) VALUES(?)").bind(1, archive_digest).step();
  });
}

} // namespace gantry::images
