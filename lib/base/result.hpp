// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Value or error, without exceptions: what every fallible function of kos returns.
//
// `Result<T, E>` holds a T or an E. E is a small enum class (one per module) or, in hosted code,
// `Error` of lib/base/error.hpp. A function that can only succeed or fail returns
// `Result<void, E>`. `KOS_TRY` hands an error to the caller.
#pragma once

#include "lib/base/panic.hpp"

#include <new>
#include <type_traits>
#include <utility>

namespace kos {

/// Wraps an error on its way into a Result: `return Err{Error::Truncated};`.
template <class E>
struct [[nodiscard]] Err {
    E value;
};
template <class E>
Err(E) -> Err<E>;

template <class T, class E>
class [[nodiscard]] Result {
    static_assert(!std::is_reference_v<T>, "return a pointer");

   public:
    using Value = T;
    using ErrorType = E;

    // NOLINTNEXTLINE(google-explicit-constructor): a value is a successful result.
    Result(T value) : ok_(true) { new (&value_) T(std::move(value)); }
    template <class F>
    requires std::is_convertible_v<F, E>
    // NOLINTNEXTLINE(google-explicit-constructor): `return Err{…}` is the way to fail.
    Result(Err<F> error) : ok_(false) {
        new (&error_) E(std::move(error.value));
    }

    Result(Result&& other) noexcept : ok_(other.ok_) { take(std::move(other)); }
    Result& operator=(Result&& other) noexcept {
        if (this != &other) {
            destroy();
            ok_ = other.ok_;
            take(std::move(other));
        }
        return *this;
    }
    Result(const Result&) = delete;
    Result& operator=(const Result&) = delete;
    ~Result() { destroy(); }

    [[nodiscard]] bool ok() const { return ok_; }
    explicit operator bool() const { return ok_; }

    /// The value; panics where there is none.
    [[nodiscard]] T& value() & {
        expect(ok_);
        return value_;
    }
    [[nodiscard]] const T& value() const& {
        expect(ok_);
        return value_;
    }
    // Not nodiscard: `KOS_TRY(f());` may be after f's success alone.
    T value() && {
        expect(ok_);
        return std::move(value_);
    }
    /// The error; panics where there is none.
    [[nodiscard]] const E& error() const {
        expect(!ok_);
        return error_;
    }
    [[nodiscard]] T value_or(T other) && { return ok_ ? std::move(value_) : std::move(other); }

    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

   private:
    static void expect(bool held) {
        if (!held) panic("Result: the other alternative is held");
    }
    void take(Result&& other) {
        if (ok_) {
            new (&value_) T(std::move(other.value_));
        } else {
            new (&error_) E(std::move(other.error_));
        }
    }
    void destroy() {
        if (ok_) {
            value_.~T();
        } else {
            error_.~E();
        }
    }

    union {
        T value_;
        E error_;
    };
    bool ok_;
};

template <class E>
class [[nodiscard]] Result<void, E> {
   public:
    using Value = void;
    using ErrorType = E;

    Result() : error_{}, ok_(true) {}
    template <class F>
    requires std::is_convertible_v<F, E>
    // NOLINTNEXTLINE(google-explicit-constructor): `return Err{…}` is the way to fail.
    Result(Err<F> error) : error_(std::move(error.value)), ok_(false) {}

    [[nodiscard]] bool ok() const { return ok_; }
    explicit operator bool() const { return ok_; }
    void value() const {
        if (!ok_) panic("Result: the other alternative is held");
    }
    [[nodiscard]] const E& error() const {
        if (ok_) panic("Result: the other alternative is held");
        return error_;
    }

   private:
    E error_;
    bool ok_;
};

/// The value of a result that cannot have failed; `reason` says why it cannot.
template <class T, class E>
T must(Result<T, E> result, const char* reason) {
    if (!result) panic(reason);
    if constexpr (!std::is_void_v<T>) return std::move(result).value();
}

}  // namespace kos

// Evaluates to the value of a Result, or returns its error from the enclosing function.
// A GNU statement expression; the counter gives a nested KOS_TRY a name of its own. Not for use in
// braced initialisers: on return, compilers do not destroy the members that stand before it.
#define KOS_TRY(expression) KOS_TRY_AS(expression, KOS_TRY_JOIN(kos_try_, __COUNTER__))
#define KOS_TRY_JOIN(first, second) KOS_TRY_JOINED(first, second)
#define KOS_TRY_JOINED(first, second) first##second
#define KOS_TRY_AS(expression, name)                           \
    __extension__({                                            \
        auto name = (expression);                              \
        if (!name) return ::kos::Err{std::move(name).error()}; \
        std::move(name).value();                               \
    })
