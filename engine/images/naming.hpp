#pragma once

#include <set>
#include <string>
#include <vector>

#include "images/catalogue.hpp"
#include "state/database.hpp"

namespace gantry::images {

/// Changes of names in one transaction, in the rows and in the catalogue that is being drafted.
class Naming {
 public:
  /// `changed` collects the images whose names are other ones now.
  Naming(state::Database::Transaction& t, Catalogue& next, std::set<std::string>& changed)
      : t_(t), next_(next), changed_(changed) {}

  /// The full name leads to these images, of one platform each; the first is the one that it means without a platform. None: the
  /// name goes.
  void set(const std::string& name, const std::vector<std::string>& ids);
  /// The name leads to this image too, beside those that it leads to already and that are among `kept`. Without a platform it
  /// means the one for this machine, else the new one.
  void add(const std::string& name, const std::string& id, const std::set<std::string>& kept);
  /// The name does not lead to this image any more. What is left means without a platform: this machine's, else the latest.
  void drop(const std::string& name, const std::string& id);

 private:
  state::Database::Transaction& t_;
  Catalogue& next_;
  std::set<std::string>& changed_;
};

/// Gives the images with these ids, as far as they are there, the names that the catalogue has now.
void refresh_names(Catalogue&, const std::set<std::string>& ids);

/// Whether this machine is the platform of the image.
bool runs_here(const Image&);

} // namespace gantry::images
