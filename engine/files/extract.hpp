#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "files/owners.hpp"

namespace gantry::files {

struct Extraction {
  bool keep_kind = false;                       ///< a directory is not replaced by a file, nor a file by a directory
  bool set_owners = true;                       ///< no: everything is the caller's own
  bool unwatched = false;                       ///< nobody looks at the destination before all is there: see below
  std::optional<std::pair<uid_t, gid_t>> owner; ///< of everything, instead of the tar's; ids of the container
  Owners owners;
  std::string rename_from, rename_to; ///< the first component of every name; nothing when both are empty
  /// For a root with `room` bytes (0: any number), and without extended attributes but for capabilities: called before the entry
  /// that is too much for it. Moves what is there to another root, which it returns; asked once.
  std::function<int()> move;
  std::uint64_t room = 0;
};

/// Unpacks a tar of any compression into the directory `into`, below `root` and nowhere else: names are resolved by the kernel
/// with `root` as "/", whatever links the container, or the tar itself, puts in the way. Files appear complete or not at all; but
/// when nobody watches they are written where they belong, which takes half the time for small ones, and a failure leaves what it
/// was at. invalid for damaged tars and for names that lead out of `into`; os errors name the entry. The calling thread has a
/// working directory of its own.
void extract(int in, int root, const std::string& into, const Extraction& options);

} // namespace gantry::files
