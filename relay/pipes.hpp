#pragma once

#include <vector>

#include <gantry/sdk/fd.hpp>

namespace gantry::relay {

struct Pipe {
  UniqueFd out, in; ///< what is written into `in` is read from `out`
};

/// Pipes that hold what is on its way between two sockets. A connection has one only while it has something in it, so that idle
/// ones cost none.
class Pipes {
 public:
  /// How much is under way at most in one direction of a connection.
  static constexpr std::size_t capacity = 1 << 20;
  /// Without descriptors where there are none to be had.
  Pipe take();
  /// An empty one.
  void give_back(Pipe);

 private:
  std::vector<Pipe> idle_;
};

} // namespace gantry::relay
