#include "images/naming.hpp"

#include <algorithm>

#include "base/time.hpp"
#include "images/platform.hpp"

namespace gantry::images {

bool runs_here(const Image& image) { return runs_on(platform_of(image.config), parse_platform("")); }

void refresh_names(Catalogue& catalogue, const std::set<std::string>& ids) {
  for (const auto& id : ids)
    if (auto at = catalogue.images.find(id); at != catalogue.images.end()) at->second = with_names(*at->second, catalogue);
}

void Naming::set(const std::string& name, const std::vector<std::string>& ids) {
  for (const auto& id : next_.under(name)) changed_.insert(id);
  changed_.insert(ids.begin(), ids.end());
  next_.others.erase(name);
  t_.prepare("DELETE FROM other_platforms WHERE name = ?").bind(1, name).step();
  if (ids.empty()) {
    t_.prepare("DELETE FROM image_names WHERE name = ?").bind(1, name).step();
    next_.names.erase(name);
    return;
  }
  t_.prepare("INSERT INTO image_names(name, image_id) VALUES(?, ?) ON CONFLICT(name) DO UPDATE SET image_id = excluded.image_id")
      .bind(1, name)
      .bind(2, ids.front())
      .step();
  next_.names[name] = ids.front();
  for (std::size_t i = 1; i < ids.size(); ++i) {
    t_.prepare("INSERT OR IGNORE INTO other_platforms(name, image_id) VALUES(?, ?)").bind(1, name).bind(2, ids[i]).step();
    next_.others[name].insert(ids[i]);
  }
}

void Naming::add(const std::string& name, const std::string& id, const std::set<std::string>& kept) {
  const Platform own = platform_of(next_.images.at(id)->config);
  std::vector<std::string> ids;
  for (const auto& other : next_.under(name))
    if (other != id && kept.contains(other) && platform_of(next_.images.at(other)->config).text() != own.text())
      ids.push_back(other);
  const bool stays = !ids.empty() && runs_here(*next_.images.at(ids.front())) && !runs_here(*next_.images.at(id));
  ids.insert(ids.begin() + (stays ? 1 : 0), id);
  set(name, ids);
  const auto now = now_ns();
  t_.prepare("UPDATE images SET tagged_ns = ? WHERE id = ?").bind(1, now).bind(2, id).step();
  Image image = *next_.images.at(id);
  image.tagged_ns = now;
  next_.images[id] = std::make_shared<const Image>(std::move(image));
}

void Naming::drop(const std::string& name, const std::string& id) {
  auto ids = next_.under(name);
  std::erase(ids, id);
  std::stable_sort(ids.begin(), ids.end(), [&](const auto& a, const auto& b) {
    const auto &one = *next_.images.at(a), &two = *next_.images.at(b);
    if (runs_here(one) != runs_here(two)) return runs_here(one);
    return one.tagged_ns > two.tagged_ns;
  });
  changed_.insert(id);
  set(name, ids);
}

} // namespace gantry::images
