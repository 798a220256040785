#pragma once

#include <map>
#include <set>
#include <string>

#include "images/check.hpp"
#include "images/image_store.hpp"

namespace gantry::images {

/// One check of the whole store. Changes of others go on meanwhile: what has been removed since it was looked at is no problem.
///
/// A blob must have the digest that names it. A layer must hold what its blob unpacks to, which is found out by unpacking it once
/// more. A config must have its image's id as digest, and each layer that it names must be there. Names must lead to images.
class StoreCheck {
 public:
  StoreCheck(ImageStore& store, const state::Paths& paths, bool repair) : store_(store), paths_(paths), repair_(repair) {}
  CheckReport run();

 private:
  CheckProblem& report(std::string kind, std::string name, std::string problem, std::string remedy);
  void check_database();
  void check_images(const Catalogue&);
  void check_blobs(const Catalogue&);
  void check_layers(const Catalogue&);
  /// Empty when the layer holds what its blob says.
  std::string flaw_of(const Layer&);
  std::string digest_of_made(const Layer&);
  LayerPlan plan_of(const Layer&) const;
  void mend_layers(const Catalogue&, const std::map<std::string, std::string>& flaws);
  void replace_layers(const std::vector<Layer>& base_first);
  void find_orphans();
  std::string hash_of_snapshot(const std::string& id);

  ImageStore& store_;
  const state::Paths& paths_;
  const bool repair_;
  CheckReport report_;
  std::set<std::string> bad_blobs_;
};

} // namespace gantry::images
