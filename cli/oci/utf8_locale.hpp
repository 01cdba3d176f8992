// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// libarchive converts PAX's UTF-8 names to and from the thread's locale and fails on what that
// lacks. While one of these lives, the thread has a locale in which they pass unchanged.
#pragma once

#include <clocale>

namespace kos::oci {

class Utf8Locale {
   public:
    Utf8Locale() : previous_(uselocale(shared())) {}
    ~Utf8Locale() { uselocale(previous_); }
    Utf8Locale(const Utf8Locale&) = delete;
    Utf8Locale& operator=(const Utf8Locale&) = delete;

   private:
    static locale_t shared() {
        static const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
        return locale;
    }
    locale_t previous_;
};

}  // namespace kos::oci
