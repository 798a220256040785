#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>

#include <gantry/sdk/fd.hpp>

// Whole small files. Errors name the path; not_found when it does not exist.
namespace gantry {

/// open(2) with O_CLOEXEC.
UniqueFd open_file(const std::string& path, int flags, mode_t mode = 0);

/// The whole file; invalid when it is larger than `limit`.
std::string read_file(const std::string& path, std::size_t limit = 16 << 20);

enum class Durable : bool { no, yes };

/// Replaces the file in one step: readers see the old or the new content. `mode` is exact whatever the umask;
/// Durable::yes survives a power cut.
void write_file_atomic(const std::string& path, std::string_view content, mode_t mode, Durable durable = Durable::no);

/// mkdir -p whose last directory gets exactly `mode`; parents that are missing get 0755.
void make_directories(const std::string& path, mode_t mode);

} // namespace gantry
