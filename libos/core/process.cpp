// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/core/process.hpp"

namespace kos::libos {

namespace {

constinit Process* the_process = nullptr;

}  // namespace

Process& process() { return *the_process; }
void set_process(Process& process) { the_process = &process; }

Process::Process(const native::ProcessInfo& process_info, Tree tree, PrivateMemory& tables)
    : info(process_info),
      memory(range_between(VirtualAddress{info.brk_base}, VirtualAddress{info.brk_limit}),
             range_between(MemoryFiles::region_of(tree).end(), native::mmap_limit),
             info.heap_pages * page_size, tables.take<Area>(area_count)),
      files(tree, {static_cast<std::uint32_t>(info.user), static_cast<std::uint32_t>(info.group)},
            clock),
      descriptors(tables),
      random(info.seed),
      servers(info.message_servers),
      clock(info.counter_hz, info.realtime_offset),
      pipes(tables.take<Pipe>(pipe_count)),
      local_sockets(tables.take<LocalPlace>(local_place_count), pipes, activity),
      watch_sets(tables.take<WatchSet>(watch_set_count)) {}

std::string_view Process::text(const native::InfoString& string) const {
    const char* const page = reinterpret_cast<const char*>(&info);
    return {page + string.offset, string.length};
}

Outcome<void> Process::set_up() {
    KOS_TRY(files.make_memory_files());
    if (!files.add_devices(text(info.executable))) return Err{Errno::Enotdir};
    const std::string_view directory = text(info.working_directory);
    if (!directory.empty()) {
        const NodeId node = KOS_TRY(files.resolve(Tree::root, directory, LastLink::Follow));
        KOS_TRY(files.change_directory(node));
    }
    const FileReference input = KOS_TRY(descriptors.make<EmptyInput>());
    KOS_TRY(descriptors.install(input, false));
    for (const Word stream : {Word{1}, Word{2}}) {
        const FileReference output = KOS_TRY(descriptors.make<OutputStream>(stream, output_lock_));
        KOS_TRY(descriptors.install(output, false));
    }
    return {};
}

}  // namespace kos::libos
