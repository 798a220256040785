#pragma once

#include <clocale>

#include <locale.h>

namespace gantry::storage_overlay {

/// libarchive converts names between their declared character set and the locale's. This sets the calling thread's locale
/// while it lives; the process' is not a plugin's to change.
class ThreadLocale {
 public:
  explicit ThreadLocale(const char* name)
      : own_(::newlocale(LC_CTYPE_MASK, name, nullptr)), before_(own_ ? ::uselocale(own_) : nullptr) {}
  ~ThreadLocale() {
    if (!own_) return;
    ::uselocale(before_);
    ::freelocale(own_);
  }
  ThreadLocale(const ThreadLocale&) = delete;
  ThreadLocale& operator=(const ThreadLocale&) = delete;

 private:
  locale_t own_;
  locale_t before_;
};

} // namespace gantry::storage_overlay
