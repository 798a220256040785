#include "base/error.hpp"
#include "base/log.hpp"
#include "volumes/failpoints.hpp"
#include "volumes/parts.hpp"

namespace gantry::volumes {
namespace {

std::string joined(const std::vector<std::string>& users) {
  std::string text;
  for (const auto& user : users) text += (text.empty() ? "" : ", ") + user;
  return text;
}

} // namespace

void refuse_users(const std::vector<std::string>& users, const std::string& verb) {
  if (!users.empty()) throw Error(Code::in_use, verb + ": volume is in use - [" + joined(users) + "]");
}

void VolumeService::remove(const std::string& name, bool force) {
  auto held = impl_->hold(name);
  if (!held.volume) {
    impl_->catalog.drop(name, *held.item);
    if (force) return;
    throw not_found("get " + name + ": no such volume");
  }
  const VolumePtr volume = held.volume;
  refuse_users(impl_->catalog.users(*held.item), "remove " + name);
  try {
    impl_->destroy(held);
  } catch (const Error& e) {
    throw e.context("remove " + name);
  }
  impl_->publish(*volume, "destroy");
}

void VolumeService::begin_fill(const std::string& name, const std::string& user) {
  auto held = impl_->hold_existing("get", name);
  const auto [made_for, filled_for] = impl_->catalog.origin(*held.item);
  if (made_for == user) return; // it goes as a whole
  impl_->rows.mark_filled(name, user);
  impl_->catalog.set_filled(*held.item, user);
  failpoint("volume.fill.after_mark");
}

void VolumeService::settle(const std::string& user) {
  bool any = false;
  for (const auto& [name, item] : impl_->catalog.unsettled(user)) {
    const auto [made_for, filled_for] = impl_->catalog.origin(*item);
    any = any || made_for == user || filled_for == user;
    if (made_for == user) impl_->catalog.set_made(*item, "");
    if (filled_for == user) impl_->catalog.set_filled(*item, "");
  }
  if (any) impl_->rows.settle(user);
}

void VolumeService::abandon(const std::string& user) noexcept {
  for (const auto& [name, item] : impl_->catalog.unsettled(user)) {
    try {
      auto held = impl_->hold(name);
      if (!held.volume || held.item != item) continue;
      impl_->catalog.remove_user(*item, user);
      const auto [made_for, filled_for] = impl_->catalog.origin(*item);
      const bool shared = !impl_->catalog.users(*item).empty();
      const VolumePtr volume = held.volume;
      if (made_for == user && !shared) {
        impl_->destroy(held);
        impl_->publish(*volume, "destroy");
        continue;
      }
      if (filled_for == user && !shared) empty_directory(volume->mountpoint);
      if (made_for != user && filled_for != user) continue;
      impl_->rows.settle_volume(name);
      impl_->catalog.set_made(*item, "");
      impl_->catalog.set_filled(*item, "");
    } catch (const std::exception& e) {
      log::error("volume " + name + ": undo what was made for container " + user + ": " + e.what());
    }
  }
}

} // namespace gantry::volumes
