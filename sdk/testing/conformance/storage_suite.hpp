#pragma once

#include <memory>
#include <string>

#include <gantry/testing/fake_host.hpp>
#include <gantry/testing/subject.hpp>

#include "conformance/expect.hpp"
#include "conformance/mounted.hpp"

namespace gantry::driver_test {

class StorageSuite : public ::testing::Test {
 protected:
  void SetUp() override { driver_ = subject().storage(); }
  StorageDriver& driver() { return *driver_; }
  void restart() {
    driver_.reset();
    driver_ = subject().storage();
  }
  std::string scratch(const std::string& name) const { return subject().scratch + "/" + name; }

  /// An active snapshot with one file.
  void write_into(const std::string& key, const std::string& parent, const std::string& file, const std::string& text) {
    const Mounted root(driver().prepare(call, key, parent, {}), scratch("write"));
    write_text(root.path(file), text);
  }
  void commit_file(const std::string& name, const std::string& parent, const std::string& file, const std::string& text) {
    write_into(name + ".key", parent, file, text);
    driver().commit(call, name, name + ".key", parent);
  }

  FakeCall call;

 private:
  std::shared_ptr<StorageDriver> driver_;
};

} // namespace gantry::driver_test
