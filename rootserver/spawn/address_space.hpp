// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Carries out the mappings that the manifest lists for an app: shared pages of the system image,
// frames of its own with their bytes, and the areas that its pager serves later.
#pragma once

#include "rootserver/spawn/app.hpp"
#include "rootserver/spawn/root.hpp"
#include "rootserver/trouble.hpp"

namespace kos::rootserver {

/// The app's objects must have been made, and its start pages filled. Counts pages and shared
/// frames in `app.usage`. The areas of threads are left out.
Attempt<> build_address_space(const Root& root, App& app);
/// The memory that libos has for a thread.
Attempt<> map_thread_area(const Root& root, App& app, std::uint64_t thread);

/// The image's own capabilities that the app's Direct mappings were made with can be mapped again.
/// An unmap that fails is tried once more; returns the first failure. Best when the VSpace is gone:
/// the kernel has less to do.
sel4::Invoked release_image_pages(const Root& root, const App& app);

}  // namespace kos::rootserver
