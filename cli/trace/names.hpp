// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Names for the capabilities of a root server, from what it did so far: its CPtrs depend on how
// many slots a kernel fills, what it made of them does not.
//
//   hello.heap-frame[3]     an object of an app, by its kind and number (its manifest says which)
//   hello.shared[0]         the app's capability to a page of the system image
//   hello.cspace[8]         a slot of the app's own CSpace
//   image.page[12]          a frame of the system image
//   root.tcb                what the kernel gave the root server
//   root.endpoint[0]        what it made for itself, by kind, in the order of making
//   untyped of hello.frame[0]   an untyped, by the first thing that was made from it
#pragma once

#include "lib/manifest/view.hpp"
#include "lib/sel4/abi.hpp"
#include "loader/caps/objects.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kos::trace {

/// A slot as CNode invocations name it.
struct SlotPath {
    sel4::CPtr root;
    sel4::Word index;
    sel4::Word depth;
};

class Names {
   public:
    Names(const manifest::ImageView& image, const sel4::KernelAbi& abi);

    [[nodiscard]] std::string of(sel4::CPtr cap) const;
    [[nodiscard]] std::string of(const SlotPath& slot) const;
    [[nodiscard]] bool is_known(sel4::CPtr cap) const { return given_.contains(cap.value); }

    /// Untyped_Retype made \p count objects in \p first and the slots behind it. The first's name.
    std::string made(sel4::CPtr untyped, sel4::ObjectType type, sel4::CPtr first, sel4::Word count);
    void give(const SlotPath& slot, const std::string& name);
    void take(const SlotPath& slot);
    /// A revoked untyped: what it is the untyped of is gone.
    void forget(sel4::CPtr untyped) { given_.erase(untyped.value); }

    /// What the root server runs in from now on.
    void set_top_level(sel4::CPtr cnode) { top_level_ = cnode; }
    [[nodiscard]] bool is_of_app(sel4::CPtr cap) const;

   private:
    [[nodiscard]] std::optional<sel4::CPtr> cptr_of(const SlotPath& slot) const;
    [[nodiscard]] std::string of_app(std::uint64_t app, std::uint64_t slot) const;

    struct AppNames {
        std::string name;
        caps::ObjectList objects;
    };
    std::vector<AppNames> apps_;
    std::map<sel4::Word, std::string> given_;  ///< by CPtr: in the CNode that the kernel made
    std::map<sel4::ObjectType, unsigned> made_;
    std::optional<sel4::CPtr> top_level_;
};

/// Such as "endpoint".
[[nodiscard]] std::string name_of(sel4::ObjectType type);

}  // namespace kos::trace
