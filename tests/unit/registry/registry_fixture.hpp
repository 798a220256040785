#pragma once

#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "images/digest.hpp"
#include "images/image_service.hpp"
#include "images/image_store.hpp"
#include "images/reference.hpp"
#include "registry/registry_service.hpp"
#include "support/http_server.hpp"
#include "support/registry.hpp"
#include "unit/images/archive_builder.hpp"
#include "unit/images/fake_storage.hpp"

namespace gantry::test {

/// A registry service on a fresh data root with a fake storage driver; nothing of a daemon.
class RegistryTest : public testing::Test {
 protected:
  RegistryTest() {
    settings.stall_s = 2;
    open();
  }
  ~RegistryTest() override {
    close();
    std::filesystem::remove_all(root);
  }
  void SetUp() override {
    if (auto why = need_registry(); !why.empty()) GTEST_SKIP() << why;
  }

  void close() {
    registries.reset();
    images.reset();
    database.reset();
  }
  /// As a restarted daemon sees it.
  void open() {
    close();
    paths.create();
    database = std::make_unique<state::Database>(paths.database());
    images = std::make_unique<images::ImageService>(paths, *database, storage, bus);
    images->collect_garbage();
    registries = std::make_unique<registry::RegistryService>(paths, *database, *images, bus, [this] { return settings; });
  }

  /// What a client sees of a call: one line per message ("id: status"), progress in bytes left out; the error last.
  struct Told {
    std::vector<std::string> lines;
    std::string error;
    Code code = Code::unknown;
    bool says(const std::string& line) const { return std::find(lines.begin(), lines.end(), line) != lines.end(); }
  };

  template <class F>
  Told collect(F f) {
    Told told;
    std::mutex guard;
    const images::Progress progress = [&](const Json& message) {
      if (message.contains("progress") || !message.contains("status")) return;
      std::lock_guard lock(guard);
      const auto id = message.value("id", "");
      told.lines.push_back((id.empty() ? "" : id + ": ") + message["status"].get<std::string>());
    };
    try {
      f(progress);
    } catch (const Error& e) {
      told.error = e.what();
      told.code = e.code();
    }
    return told;
  }

  Told pull(const std::string& image, const std::string& tag = "1", const registry::Caller& caller = {},
            const std::string& platform = "", registry::CancelPtr cancel = std::make_shared<registry::Cancel>()) {
    return collect([&](const images::Progress& progress) { registries->pull({image, tag, platform}, caller, progress, cancel); });
  }
  Told push(const std::string& image, const std::string& tag = "1", const registry::Caller& caller = {}) {
    return collect([&](const images::Progress& progress) {
      registries->push({image, tag, ""}, caller, progress, std::make_shared<registry::Cancel>());
    });
  }
  void load(const std::string& archive) {
    images->load(reading(archive), [](const Json&) {});
  }

  std::size_t files_in(const std::string& dir) const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(dir), {}));
  }
  void expect_nothing_visible() {
    EXPECT_TRUE(images->list().empty());
    EXPECT_EQ(storage.committed().size(), 0u);
    EXPECT_EQ(storage.active(), 0u);
    EXPECT_EQ(files_in(paths.blobs()), 0u);
    EXPECT_EQ(files_in(paths.ingest()), 0u);
  }

  static std::filesystem::path make_root() {
    char name[] = "/tmp/gantry-registry-XXXXXX";
    return ::mkdtemp(name);
  }
  /// A layer of about that many bytes that do not compress.
  static std::string big_layer(std::size_t bytes, std::uint32_t seed = 1) {
    std::string text(bytes, '\0');
    for (char& c : text) c = static_cast<char>((seed = seed * 1664525 + 1013904223) >> 24);
    return layer_tar(text);
  }

  std::filesystem::path root = make_root();
  state::Paths paths{root / "data", root / "exec"};
  registry::Settings settings;
  FakeStorage storage;
  events::Bus bus;
  std::unique_ptr<state::Database> database;
  std::unique_ptr<images::ImageService> images;
  std::unique_ptr<registry::RegistryService> registries;
};

} // namespace gantry::test
