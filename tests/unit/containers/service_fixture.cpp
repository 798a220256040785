#include "service_fixture.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace gantry::test {

Daemon::Daemon(const std::string& root, std::chrono::milliseconds hold, Defaults defaults)
    : paths(root + "/data", root + "/exec"), runtime(root + "/runtime"), storage(root + "/storage") {
  paths.create();
  database = std::make_unique<state::Database>(paths.database());
  images = std::make_unique<images::ImageService>(paths, *database, storage, bus);
  gantry::networks::Settings network_settings;
  network_settings.default_bridge = false;
  networks = std::make_unique<gantry::networks::NetworkService>(*database, bus, network_drivers, network_settings);
  networks->start();
  subscription = bus.subscribe(0, [this](const events::EventPtr& event) {
    const std::lock_guard lock(events_guard);
    if (event->type == "container") events.push_back(*event);
  });
  defaults.instance = "test";
  defaults.cgroup_parent = "/gantry-test";
  defaults.auto_remove_hold = hold;
  volumes = std::make_unique<volumes::VolumeService>(*database, volumes::VolumeDrivers{}, bus);
  service =
      std::make_unique<ContainerService>(io.get_executor(), pool, paths, *database, Drivers{runtime, storage, {}, networks.get()},
                                         *images, *volumes, bus, std::move(defaults));
  thread = std::thread([this] { io.run(); });
}

Daemon::~Daemon() {
  run(service->shutdown(false));
  work.reset();
  thread.join();
}

void Daemon::spawn(Task<void> task) { boost::asio::co_spawn(io, std::move(task), boost::asio::detached); }

void Daemon::add_image() {
  UniqueFd archive(::memfd_create("image", MFD_CLOEXEC));
  const std::string end_of_tar(1024, '\0');
  ASSERT_EQ(::write(archive.get(), end_of_tar.data(), end_of_tar.size()), 1024);
  ::lseek(archive.get(), 0, SEEK_SET);
  gantry::images::ImportOptions options;
  options.repo = "app";
  options.tag = "latest";
  options.changes = {"CMD [\"serve\"]", "ENV PATH=/bin", "LABEL from=image"};
  images->import(std::move(archive), options, [](const Json&) {});
}

ServiceTest::ServiceTest() {
  daemon = std::make_unique<Daemon>(root.path());
  daemon->add_image();
}

void ServiceTest::restart_daemon(std::chrono::milliseconds hold) {
  daemon.reset();
  daemon = std::make_unique<Daemon>(root.path(), hold);
  daemon->run(daemon->service->recover());
}

} // namespace gantry::test
