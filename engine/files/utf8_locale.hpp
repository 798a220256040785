#pragma once

#include <locale.h>

namespace gantry::files {

/// While it lives, names in archives are UTF-8: libarchive converts between their declared character set and the locale's. This
/// one is the calling thread's.
class Utf8Locale {
 public:
  Utf8Locale() : own_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)), before_(own_ ? ::uselocale(own_) : nullptr) {}
  ~Utf8Locale() {
    if (!own_) return;
    ::uselocale(before_);
    ::freelocale(own_);
  }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

 private:
  locale_t own_, before_;
};

} // namespace gantry::files
