#include "registry/registry_service.hpp"

#include "registry/endpoint.hpp"
#include "registry/service_impl.hpp"
#include "registry/transfer_error.hpp"

namespace gantry::registry {

RegistryService::RegistryService(const state::Paths& paths, state::Database& database, images::ImageService& images,
                                 events::Bus& events, std::function<Settings()> settings)
    : impl_(new Impl{
          paths, database, images, events, settings, {paths, [settings] { return settings().max_downloads; }}, {}, Slots([] {
            return 2;
          })}) {}

RegistryService::~RegistryService() = default;

Transport RegistryService::outside() const { return transport_for("", impl_->settings()); }

std::uint64_t RegistryService::clean(std::int64_t age_s) { return impl_->downloads.clean(age_s); }

ClientPtr RegistryService::Impl::client(const Endpoint& endpoint, const Settings& now, const Caller& caller) const {
  const Caller nobody;
  const auto& who = endpoint.mirror ? nobody : caller;
  return std::make_shared<Client>(std::make_shared<Transfers>(), endpoint, now, who.credentials, who.meta);
}

void RegistryService::Impl::publish_event(const images::Image& image, const std::string& action, const std::string& id,
                                          const std::string& name) const {
  events::Event event{"image", action, id, {}, 0};
  if (auto run = image.config.find("config"); run != image.config.end() && run->is_object())
    if (auto labels = run->find("Labels"); labels != run->end() && labels->is_object())
      for (const auto& [key, value] : labels->items()) event.attributes[key] = value.get<std::string>();
  event.attributes["name"] = name;
  events.publish(std::move(event));
}

void at_some_endpoint(RegistryService::Impl& impl, const std::string& domain, const Caller& caller, bool use_mirrors,
                      Cancel& cancel, const std::function<void(const ClientPtr&)>& f) {
  const auto settings = impl.settings();
  std::exception_ptr last;
  for (const auto& endpoint : endpoints_for(domain, settings, use_mirrors ? Mirrors::yes : Mirrors::no)) {
    bool there = false;
    try {
      auto client = impl.client(endpoint, settings, caller);
      client->ping(cancel);
      there = true;
      return f(client);
    } catch (const Error& e) {
      // A mirror is a convenience; a registry that answers has the last word.
      if (e.code() == Code::cancelled || (there && !endpoint.mirror)) throw;
      if (!dynamic_cast<const TransferError*>(&e) && !endpoint.mirror) throw;
      last = std::current_exception();
    }
  }
  std::rethrow_exception(last);
}

} // namespace gantry::registry
