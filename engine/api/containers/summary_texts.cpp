#include "api/containers/summary_texts.hpp"

#include "api/containers/status_text.hpp"
#include "api/containers/wire.hpp"
#include "api/http.hpp"
#include "api/raw_json.hpp"

namespace gantry::api {

using gantry::containers::Container;
using gantry::containers::ContainerPtr;

namespace {

/// The very snapshot, not one that has come to lie at the same address.
bool same(const std::weak_ptr<const Container>& kept, const ContainerPtr& now) {
  return !kept.owner_before(now) && !now.owner_before(kept);
}

} // namespace

SummaryTexts::Text SummaryTexts::make(const ContainerPtr& container, const std::string& image, ApiVersion version) {
  const std::string text = dump(container_summary(*container, image, 0, {}, version));
  const std::string_view status = raw_member(text, "Status");
  const auto begin = static_cast<std::size_t>(status.data() - text.data());
  return {container, image, version, text.substr(0, begin), text.substr(begin + status.size())};
}

void SummaryTexts::append(std::string& list, const ContainerPtr& container, const std::string& image, std::int64_t now_ns,
                          ApiVersion version) {
  const std::lock_guard lock(guard_);
  Text& text = texts_[container->id];
  if (!same(text.of, container) || text.image != image || text.version != version) text = make(container, image, version);
  list += text.before_status;
  list += quoted(status_text(*container, now_ns));
  list += text.behind_status;
}

void SummaryTexts::trim(std::size_t listed) {
  const std::lock_guard lock(guard_);
  if (texts_.size() <= 2 * listed + 64) return;
  std::erase_if(texts_, [](const auto& item) { return item.second.of.expired(); });
}

std::size_t SummaryTexts::size() {
  const std::lock_guard lock(guard_);
  return texts_.size();
}

} // namespace gantry::api
