#pragma once

#include "base/rollback.hpp"
#include "containers/mount_changes.hpp"
#include "containers/mounts.hpp"
#include "containers/parts.hpp"

namespace gantry::containers {

/// What an update does to the mounts of a container. A running one sees them come and go; any other has them from its next start.
class MountChange {
 public:
  /// Looks, and changes nothing. invalid with Docker's texts; conflict for what would cover or take along another mount.
  MountChange(Parts&, const Container& before, const MountChanges&);

  bool empty() const { return added_.empty() && removed_.empty(); }
  /// What the next engine has to know when this one dies on the way: see settle_mounts.
  Json mark() const;
  /// Makes `after.mounts` true. Undone by `undo`. Blocks.
  void apply(Container& after, Rollback& undo);
  /// Once `after` is stored: what is not needed any more is let go. Failures are logged.
  void finish() noexcept;

 private:
  void check_new(const MountPoint& point) const;
  /// What else is mounted below a target; empty: nothing.
  std::string first_below(const std::string& target) const;
  void make_volumes(Rollback& undo);
  void mount_added(Rollback& undo);
  void unmount_removed(Rollback& undo);
  /// The container as if it had these mounts only; `left_alone`: without volumes that it has elsewhere too.
  Container with_only(std::vector<MountPoint> points, bool left_alone) const;

  Parts& parts_;
  const Container before_;
  const std::string user_; ///< of volumes that are made, until the container is stored with them
  std::vector<RequestedMount> added_;
  std::vector<MountPoint> removed_, kept_;
};

/// After a restart of the engine: what an update that was not stored has mounted is unmounted, what it was to unmount is. `mark`
/// is its mark(). Blocks; throws what drivers throw.
void settle_mounts(Parts&, Entry&, const Json& mark);

} // namespace gantry::containers
