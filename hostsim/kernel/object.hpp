// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Kernel objects and who owns them. An object is found through capabilities and goes with the last
// of them; the store frees it only when the kernel is left, because the kernel may still look at
// the current thread or scheduling context until then.
#pragma once

#include "lib/base/address.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace kos::sim {

enum class ObjectKind : std::uint8_t {
    Endpoint,
    Notification,
    Reply,
    CNode,
    Thread,
    SchedContext,
    PageTable,
    VSpace,
    AsidPool,
    Vcpu,
};
inline constexpr std::size_t object_kind_count = 10;

struct Object {
    explicit Object(ObjectKind object_kind) : kind(object_kind) {}
    Object(const Object&) = delete;
    Object& operator=(const Object&) = delete;
    virtual ~Object() = default;

    ObjectKind kind;
    /// Names the object in traces: the first of its kind is 1.
    unsigned number = 0;
    std::size_t store_index = 0;
    /// Of the memory that the object takes.
    PhysicalAddress address;
};

class ObjectStore {
   public:
    template <class T, class... Arguments>
    T* create(PhysicalAddress address, Arguments&&... arguments) {
        auto object = std::make_unique<T>(std::forward<Arguments>(arguments)...);
        T* created = object.get();
        created->address = address;
        created->number = ++made_[static_cast<std::size_t>(created->kind)];
        created->store_index = objects_.size();
        objects_.push_back(std::move(object));
        return created;
    }

    /// Nothing refers to `object` any more; it lives until collect().
    void retire(Object* object) {
        std::unique_ptr<Object>& place = objects_[object->store_index];
        retired_.push_back(std::move(place));
        place = std::move(objects_.back());
        objects_.pop_back();
        if (place != nullptr) place->store_index = object->store_index;
    }
    void collect() { retired_.clear(); }

    /// Objects that are not retired.
    [[nodiscard]] std::size_t count() const { return objects_.size(); }
    [[nodiscard]] const std::vector<std::unique_ptr<Object>>& objects() const { return objects_; }

   private:
    std::vector<std::unique_ptr<Object>> objects_;
    std::vector<std::unique_ptr<Object>> retired_;
    std::array<unsigned, object_kind_count> made_{};
};

}  // namespace kos::sim
