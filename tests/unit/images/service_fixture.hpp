#pragma once

#include <stdlib.h>

#include <filesystem>
#include <functional>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "archive_builder.hpp"
#include "fake_storage.hpp"
#include "images/image_service.hpp"

namespace gantry::test {

/// An image service on a fresh data-root with a fake storage driver.
class ImagesTest : public ::testing::Test {
 protected:
  ImagesTest() {
    paths.create();
    reopen();
    subscription = bus.subscribe(
        0, [this](const events::EventPtr& event) { events.push_back(event->action + " " + event->attributes.at("name")); });
  }
  ~ImagesTest() override {
    service.reset();
    database.reset();
    std::filesystem::remove_all(root);
  }

  /// As a restarted daemon sees it.
  void reopen() {
    service.reset();
    database.reset();
    database = std::make_unique<state::Database>(paths.database());
    service = std::make_unique<images::ImageService>(paths, *database, storage, bus);
    service->set_users([this](const std::string&) { return users; });
  }

  /// Loads and returns the text that a client sees.
  std::string load(const std::string& bytes) {
    std::string text;
    service->load(reading(bytes), [&](const Json& message) { text += message.value("stream", ""); });
    return text;
  }

  std::size_t blobs() const { return count(paths.blobs()); }
  std::size_t ingests() const { return count(paths.ingest()); }
  static std::size_t count(const std::string& dir) {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(dir), {}));
  }

  void expect_nothing_left() {
    EXPECT_TRUE(service->list().empty());
    EXPECT_EQ(storage.committed().size(), 0u);
    EXPECT_EQ(storage.active(), 0u);
    EXPECT_EQ(blobs(), 0u);
    EXPECT_EQ(ingests(), 0u);
  }

  static std::filesystem::path make_root() {
    char name[] = "/tmp/gantry-images-XXXXXX";
    return ::mkdtemp(name);
  }

  std::filesystem::path root = make_root();
  state::Paths paths{root / "data", root / "exec"};
  FakeStorage storage;
  events::Bus bus;
  std::vector<std::string> events;
  std::vector<images::ImageUser> users;
  events::Bus::Subscription subscription;
  std::unique_ptr<state::Database> database;
  std::unique_ptr<images::ImageService> service;
};

/// The error that `f` throws; a failure when it throws none.
inline Error error_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    return e;
  }
  ADD_FAILURE() << "nothing was thrown";
  return {Code::unknown, "nothing was thrown"};
}

} // namespace gantry::test
