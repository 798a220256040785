#pragma once

#include <type_traits>

// Which optional operations a driver class has. An operation that it does not override leaves its slot in the table null,
// so that the host knows without calling.

/// Defines overrides_<operation><T, Base>. Where `&T::operation` cannot be formed (private, overloaded) T has one of its own.
#define GANTRY_DETAIL_OVERRIDES(operation)                                    \
  template <class T, class Base, class = void>                                \
  struct overrides_##operation : std::true_type {};                           \
  template <class T, class Base>                                              \
  struct overrides_##operation<T, Base, std::void_t<decltype(&T::operation)>> \
      : std::bool_constant<!std::is_same_v<decltype(&T::operation), decltype(&Base::operation)>> {};

namespace gantry::detail {

template <bool Has, class F>
constexpr F slot(F thunk) {
  return Has ? thunk : nullptr;
}

} // namespace gantry::detail
