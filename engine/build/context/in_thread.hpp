#pragma once

#include <functional>
#include <string>

#include "build/context/context.hpp"

namespace gantry::build {

/// Runs `f` on a thread with a working directory of its own, which extended attributes need.
void in_thread(const std::function<void()>& f);

/// Who has seen to .dockerignore: a client that sends files leaves out what it names (but for Dockerfile and .dockerignore
/// themselves, which the builder needs), a remote does not.
enum class Ignored { by_client, by_nobody };

/// A directory, and what keeps it there (null: whatever made it).
struct KeptDirectory {
  std::string path;
  std::shared_ptr<void> held{};
};

/// Unpacks a tar of any compression, in memory as long as it fits there.
KeptDirectory unpack_context(int tar, images::Ingest& scratch, TreeMemory& memory);

/// Dockerfile and .dockerignore of a directory that is complete.
Context take_context(KeptDirectory directory, const std::string& dockerfile, Ignored ignored);

} // namespace gantry::build
