// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Descriptors: duplicating, flags, and what files of this kind answer to ioctl(2).
#include "libos/core/process.hpp"
#include "libos/dispatch/calls.hpp"
#include "libos/files/install_pair.hpp"

namespace kos::libos {

Answer install_pair(const FileReference& first, const FileReference& second, bool close_on_exec,
                    UserPointer<int> pair) {
    FileTable& table = process().descriptors;
    const auto one = static_cast<int>(KOS_TRY(table.install(first, close_on_exec)));
    const auto two = table.install(second, close_on_exec);
    if (two && pair.write(one) && pair.at(1).write(static_cast<int>(*two))) return Word{0};
    must(table.close(one), "it was just made");
    if (!two) return two;
    must(table.close(static_cast<int>(*two)), "it was just made");
    return Err{Errno::Efault};
}

}  // namespace kos::libos

namespace kos::libos::calls {

namespace {

namespace open_flag = abi::open_flag;
namespace fcntl_command = abi::fcntl_command;

namespace ioctl_request {
constexpr unsigned close_on_exec = 0x5451, no_close_on_exec = 0x5450, nonblock = 0x5421;
}

Answer duplicate(Descriptor file, Word lowest, bool close_on_exec) {
    if (lowest >= FileTable::capacity) return Err{Errno::Einval};
    const FileReference open = KOS_TRY(process().descriptors.get(file));
    return process().descriptors.install(open, close_on_exec, lowest);
}

void change_flags(File& file, unsigned mask, unsigned value) {
    file.set_flags((file.flags() & ~mask) | (value & mask));
}

}  // namespace

Answer dup(Descriptor file) { return duplicate(file, 0, false); }

Answer dup3(Descriptor file, Descriptor target, unsigned flags) {
    if (file == target || (flags & ~open_flag::close_on_exec) != 0) return Err{Errno::Einval};
    if (target < 0) return Err{Errno::Ebadf};
    const FileReference open = KOS_TRY(process().descriptors.get(file));
    return process().descriptors.install_at(static_cast<Word>(target), open, flags != 0);
}

Answer fcntl(Descriptor file, int command, Word operand) {
    FileTable& descriptors = process().descriptors;
    const FileReference open = KOS_TRY(descriptors.get(file));
    switch (command) {
        case fcntl_command::duplicate:
            return duplicate(file, operand, false);
        case fcntl_command::duplicate_close_on_exec:
            return duplicate(file, operand, true);
        case fcntl_command::get_descriptor_flags:
            return Word{KOS_TRY(descriptors.close_on_exec(file)) ? fcntl_command::close_on_exec
                                                                 : 0};
        case fcntl_command::set_descriptor_flags:
            KOS_TRY(
                descriptors.set_close_on_exec(file, (operand & fcntl_command::close_on_exec) != 0));
            return Word{0};
        case fcntl_command::get_status_flags:
            return Word{open->flags()};
        case fcntl_command::set_status_flags:
            change_flags(*open, open_flag::settable, static_cast<unsigned>(operand));
            return Word{0};
        case fcntl_command::get_pipe_size:
        case fcntl_command::set_pipe_size:
            return Word{Pipe::capacity};
        default:
            return Err{Errno::Einval};
    }
}

Answer ioctl(Descriptor file, unsigned request, Word operand) {
    FileTable& descriptors = process().descriptors;
    const FileReference open = KOS_TRY(descriptors.get(file));
    switch (request) {
        case ioctl_request::close_on_exec:
        case ioctl_request::no_close_on_exec:
            KOS_TRY(descriptors.set_close_on_exec(file, request == ioctl_request::close_on_exec));
            return Word{0};
        case ioctl_request::nonblock: {
            const int on = KOS_TRY(UserPointer<int>{operand}.read());
            change_flags(*open, open_flag::nonblock, on != 0 ? open_flag::nonblock : 0);
            return Word{0};
        }
        default:  // no file here is a terminal
            return Err{Errno::Enotty};
    }
}

Answer flock(Descriptor file, int /*operation*/) {
    // One process on a file system of its own: nobody holds a lock against it.
    KOS_TRY(process().descriptors.check(file));
    return Word{0};
}

Answer fsync(Descriptor file) {
    const FileReference open = KOS_TRY(process().descriptors.get(file));
    if (!open->node()) return Err{Errno::Einval};
    return Word{0};
}

Answer fadvise64(Descriptor file, std::int64_t /*offset*/, std::int64_t /*size*/, int /*advice*/) {
    KOS_TRY(process().descriptors.check(file));
    return Word{0};
}

}  // namespace kos::libos::calls
