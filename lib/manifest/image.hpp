// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The system image: what the packer writes and the root server, the boot shim and the simulator
// read. Every field's offset is in docs/system-image.md; a test holds the two together.
//
//   0              ImageHeader
//   tables         Blob[], App[], Mapping[], StringRef[], text, Vm[], Disk[], Interface[],
//                  Dependency[] (the manifest, CRC-32)
//   manifest_size  blobs, each on a page; large ones on a large page
//   image_size
//
// Little-endian. No field is trusted because a checksum is right: readers go through ImageView,
// which bounds-checks everything once.
#pragma once

#include "lib/base/little_endian.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace kos::manifest {

/// `count` elements that start `offset` bytes into the image.
struct Table {
    Le32 offset;
    Le32 count;
};

/// Bytes of the text table, without a terminating NUL (though one follows).
struct StringRef {
    Le32 offset;  ///< into the text table
    Le32 length;
};

/// Elements [first, first + count) of the string table.
struct StringList {
    Le32 first;
    Le32 count;
};

struct ImageHeader {
    static constexpr std::uint64_t expected_magic = 0x0a47'4d49'534f'4b7f;  // "\x7fKOSIMG\n"
    static constexpr std::uint32_t expected_version = 4;

    Le64 magic = expected_magic;            // 0x00
    Le32 version = expected_version;        // 0x08
    Le32 manifest_crc;                      // 0x0c: of bytes [0x10, manifest_size)
    Le64 image_size;                        // 0x10: a multiple of the page size
    Le32 manifest_size;                     // 0x18: a multiple of the page size
    Le32 root_server;                       // 0x1c: blob number of its ELF file
    Table blobs;                            // 0x20
    Table apps;                             // 0x28
    Table mappings;                         // 0x30
    Table strings;                          // 0x38
    Table text;                             // 0x40: count is bytes
    std::array<std::uint8_t, 32> sha256{};  // 0x48: of the whole image, this field and the CRC zero
    Table vms;                              // 0x68
    Table disks;                            // 0x70
    Table interfaces;                       // 0x78
    Table dependencies;                     // 0x80
    Le32 flags;                             // 0x88: system_flag::
    Le32 reserved;                          // 0x8c
    std::array<Table, 2> reserved_tables;   // 0x90: for networks and message servers
};
static_assert(sizeof(ImageHeader) == 0xa0 && offsetof(ImageHeader, sha256) == 0x48);

namespace system_flag {
/// With no app left the root server waits for commands until it is told to end; without, it ends.
inline constexpr std::uint32_t stays = 1;
inline constexpr std::uint32_t all = stays;
}  // namespace system_flag

enum class BlobKind : std::uint8_t {
    RootServer = 1,  ///< ELF file
    Program = 2,     ///< pages of a program's segments, rewritten; shared or copied as mappings say
    Stubs = 3,       ///< the code that rewritten system calls branch to
    Libos = 4,       ///< pages of libos's segments, relocated
    Initrd = 5,      ///< cpio (newc) of the root filesystem
    Symbols = 6,     ///< Symbol[] sorted by address, then their names
    Undo = 7,        ///< Undo[] sorted by address: the words that the rewriter replaced
    GuestKernel = 8,   ///< a guest's kernel: an arm64 Linux Image
    GuestInitrd = 9,   ///< its first root filesystem: cpio (newc)
    Disk = 10,         ///< a disk of a guest, such as a squashfs
    MessagePlan = 11,  ///< what a message server is told of its apps (lib/message/plan.hpp), or a
                       ///< switch of its VMMs (lib/ethernet/plan.hpp)
    GatewayPlan = 12,  ///< what a gateway is told of published ports (gateway/core/plan.hpp)
};

struct Blob {
    Le64 offset;                             // 0x00: in the image; a multiple of the page size
    Le64 size;                               // 0x08: bytes; the rest of the last page is zero
    std::uint8_t kind = 0;                   // 0x10: BlobKind
    std::array<std::uint8_t, 7> reserved{};  // 0x11
    std::array<std::uint8_t, 32> sha256{};   // 0x18
};
static_assert(sizeof(Blob) == 0x38);

/// What a mapping is for; its name in reports.
enum class MappingKind : std::uint8_t {
    Text = 1,
    ReadOnlyData = 2,
    Data = 3,  ///< the file's bytes, then zeros (.bss); libos fills that of a native app
    Stubs = 4,
    LibosText = 5,
    LibosReadOnlyData = 6,
    LibosData = 7,
    ProcessInfo = 8,  ///< filled by the root server (lib/native/process_info.hpp)
    ThreadArea = 9,   ///< libos stack, block and IPC buffer of one thread
    Stack = 10,       ///< of the main thread: mapped beforehand (Zero), below it on demand
    Initrd = 11,
    Heap = 12,          ///< brk area: a demand-paged region, no frames of its own
    Mmap = 13,          ///< mmap window: likewise
    Guard = 14,         ///< nothing is ever mapped here
    GuestBlob = 15,     ///< what a VMM gives its guest: kernel, initrd, disks
    GuestMemory = 16,   ///< the guest's memory, in its VMM's VSpace
    MessageArea = 17,   ///< what apps share with their message server (lib/message/area.hpp) or
                        ///< switch (lib/ethernet/area.hpp)
    MessageBooks = 18,  ///< what a message server or switch keeps of its apps
    MessagePlan = 19,
    MessageLane = 20,   ///< what two apps share for a stream (lib/message/lane.hpp)
    VolumeMemory = 21,  ///< what a VMM shares with the disks that are its guest's volumes
    GatewayPlan = 22,   ///< the blob of that kind
};

/// Where a mapping's bytes come from.
enum class MappingSource : std::uint8_t {
    Shared = 1,  ///< the image's own pages, mapped read-only by copies of their capabilities
    Copied = 2,  ///< frames of the app, filled from the blob, zeros behind
    Zero = 3,    ///< frames of the app
    Demand = 4,  ///< frames of the app's heap, when touched
    None = 5,    ///< a guard
    Direct = 6,  ///< as Shared, by the image's own capabilities: once for each page
    Guest = 7,   ///< large frames of the guest's memory, which is a reservation of its own
    Lent = 8,    ///< frames of a message server's or switch's area, by copies of their
                 ///< capabilities: `blob` is its app number, `blob_offset` counts in its area
    Joined = 9,  ///< large frames of a message server's lanes, by copies of their capabilities,
                 ///< mapped and unmapped when it asks: `blob` is the server's app number
};

/// Whether a mapping's pages are the image's own.
[[nodiscard]] constexpr bool maps_image(MappingSource source) {
    return source == MappingSource::Shared || source == MappingSource::Direct;
}

namespace access {
inline constexpr std::uint8_t read = 1, write = 2, execute = 4;
}

/// Mappings end here: what kernels with 40-bit and with 44-bit physical addresses both have.
inline constexpr std::uint64_t address_limit = std::uint64_t{1} << 39;

/// Where the kernel maps the system image behind the root server, both end below this address: the
/// root server's own windows start there.
inline constexpr std::uint64_t root_image_limit = 0x3000'0000;

/// The mappings of an app are in ascending order of address; none overlap.
struct Mapping {
    Le64 address;                 // 0x00: a multiple of the page size
    Le64 size;                    // 0x08: likewise
    Le64 blob_offset;             // 0x10: likewise
    Le64 file_size;               // 0x18: bytes from the blob; at most size
    Le32 blob;                    // 0x20: blob number; counts where Shared, Direct, Copied, Lent,
                                  // Joined
    std::uint8_t kind = 0;        // 0x24: MappingKind
    std::uint8_t source = 0;      // 0x25: MappingSource
    std::uint8_t access = 0;      // 0x26: access::
    std::uint8_t page_bits = 12;  // 0x27: 12, or 21 where address, offset and size allow
};
static_assert(sizeof(Mapping) == 0x28);

/// No app runs above this: the root server and its helpers keep the priorities beyond.
inline constexpr std::uint8_t priority_ceiling = 200;

/// Radixes of CNodes are at most this: a CNode of 16 million slots, 512 MiB.
inline constexpr std::uint32_t max_cnode_bits = 24;

/// The kernel objects of an app: the capability manifest (K4). Bytes follow from these and the
/// kernel ABI record: loader/caps.
struct ObjectCounts {
    Le32 vspaces;            // 0x00
    Le32 tcbs;               // 0x04
    Le32 sched_contexts;     // 0x08
    Le32 replies;            // 0x0c
    Le32 endpoints;          // 0x10
    Le32 notifications;      // 0x14
    Le32 page_tables;        // 0x18: for the mappings made beforehand and those paged in later
    Le32 frames;             // 0x1c: 4 KiB, of mappings made beforehand
    Le32 large_frames;       // 0x20: 2 MiB, likewise
    Le32 heap_frames;        // 0x24: 4 KiB, for demand paging
    Le32 shared_frames;      // 0x28: copied capabilities to pages of the image: slots, no memory
    Le32 shared_large;       // 0x2c
    Le32 cnode_bits;         // 0x30: radix of the app's own CSpace
    Le32 object_cnode_bits;  // 0x34: radix of the CNode that holds its objects, which it cannot
                             // reach
    Le32 vcpus;              // 0x38: virtual CPUs
    Le32 guest_frames;       // 0x3c: 2 MiB, of the guest's own memory: two slots each (the guest's
                             // mapping and its VMM's), no memory of the app
};
static_assert(sizeof(ObjectCounts) == 0x40);

enum class AppKind : std::uint8_t {
    Native = 1,
    MicroVm = 2,
    MessageServer = 3,  ///< of compose networks: kos's own program (msgserver/program)
    NetworkSwitch = 4,  ///< of a network of microVMs: likewise (netswitch/program)
    Gateway = 5,        ///< from ports of the host to services: likewise (gateway/program)
};

/// Whether apps of that kind serve those that depend on them, with which they share memory.
[[nodiscard]] constexpr bool is_server(AppKind kind) {
    return kind == AppKind::MessageServer || kind == AppKind::NetworkSwitch;
}

/// Whether an app of that kind is what somebody asked for; the others are there to serve those.
[[nodiscard]] constexpr bool is_service(AppKind kind) {
    return kind == AppKind::Native || kind == AppKind::MicroVm;
}

/// Most message servers and switches of an app together.
inline constexpr std::uint32_t max_memberships = 7;

/// Whether an app that has ended is started again.
enum class RestartPolicy : std::uint8_t {
    No = 0,
    Always = 1,
    OnFailure = 2,  ///< where its wait status is not 0
};

/// When an app counts as healthy, for those that wait for it.
enum class Readiness : std::uint8_t {
    None = 0,      ///< never: nobody looks
    Protocol = 1,  ///< once it has published the protocol
    Port = 2,      ///< once it listens on the port
    Test = 3,      ///< of a microVM: once a command in its container has succeeded
};

/// Highest number of a signal.
inline constexpr std::uint8_t max_signal = 64;

struct App {
    StringRef name;                 // 0x00
    std::uint8_t kind = 0;          // 0x08: AppKind
    std::uint8_t priority = 0;      // 0x09
    std::uint8_t max_priority = 0;  // 0x0a
    std::uint8_t restart = 0;       // 0x0b: RestartPolicy
    Le32 threads;                   // 0x0c: most at once
    StringList arguments;           // 0x10
    StringList environment;         // 0x18
    StringList publishes;           // 0x20: protocols that it may publish
    StringRef working_directory;    // 0x28
    StringRef executable;           // 0x30: path in the root filesystem
    StringRef host_name;            // 0x38
    Le32 user;                      // 0x40
    Le32 group;                     // 0x44
    Table mappings;                 // 0x48: offset is the first's number in the mapping table
    Le64 entry;                     // 0x50: of the program
    Le64 libos_start;               // 0x58: where the main thread starts
    Le64 libos_thread_start;        // 0x60: where further threads start
    Le64 program_headers;           // 0x68: address, for AT_PHDR
    Le32 program_header_count;      // 0x70: for AT_PHNUM
    Le32 program_header_size;       // 0x74: for AT_PHENT
    Le64 load_bias;                 // 0x78: added to the ELF file's addresses
    Le64 initrd_size;               // 0x80: bytes
    Le32 symbols;                   // 0x88: blob number plus one, or 0
    Le32 undo;                      // 0x8c: blob number plus one, or 0
    Le32 untyped_large;             // 0x90: 2 MiB untypeds handed to the app; 0 for a Linux one
    Le32 untyped_4k;                // 0x94: 4 KiB untypeds, likewise
    ObjectCounts objects;           // 0x98
    Le32 restart_limit;             // 0xd8: most restarts; 0: any number
    Le32 restart_delay;             // 0xdc: milliseconds between end and start
    Le32 vm;                        // 0xe0: number of its Vm plus one, or 0
    std::uint8_t readiness = 0;     // 0xe4: Readiness
    std::uint8_t stop_signal = 15;  // 0xe5: what tells it to stop
    Le16 ready_port;                // 0xe6: of Readiness::Port
    Le32 restart_delay_most;        // 0xe8: the delay doubles with every restart in a row, up to
                                    // this; less than restart_delay: it stays as it is
    Le32 restart_window;            // 0xec: milliseconds after which restarts count anew; 0: never
    Le32 stop_grace = 10'000;       // 0xf0: milliseconds between stop signal and SIGKILL
    Le32 ready_within;              // 0xf4: milliseconds, then it is unhealthy; 0: it may take long
    StringRef ready_protocol;       // 0xf8: of Readiness::Protocol
    Table dependencies;             // 0x100: offset is the first's number in the dependency table
    Le32 period = 10'000;           // 0x108: microseconds from one time slice of 10 ms of a
                                    // thread, or of a guest's processor, to the next
    std::array<Le32, 3> reserved;   // 0x10c
};
static_assert(sizeof(App) == 0x118 && offsetof(App, objects) == 0x98);

/// What must be so of an app before one that depends on it starts.
enum class Condition : std::uint8_t {
    Started = 1,    ///< it was started
    Healthy = 2,    ///< it runs and is healthy
    Completed = 3,  ///< it has ended with status 0
};

namespace dependency_flag {
/// Where the condition will not come about, the dependent is not started.
inline constexpr std::uint8_t required = 1;
/// The dependent is restarted when the app is, by command.
inline constexpr std::uint8_t restart = 2;
inline constexpr std::uint8_t all = required | restart;
}  // namespace dependency_flag

/// An app depends on apps before it only: there is no cycle.
struct Dependency {
    Le32 app;                                // 0x00: its number
    std::uint8_t condition = 0;              // 0x04: Condition
    std::uint8_t flags = 0;                  // 0x05: dependency_flag::
    std::array<std::uint8_t, 2> reserved{};  // 0x06
};
static_assert(sizeof(Dependency) == 8);

/// The guest of an app of kind MicroVm; the app itself is the guest's VMM.
struct Vm {
    Le64 memory;             // 0x00: bytes of guest RAM, a multiple of 2 MiB
    Le32 vcpus;              // 0x08: 1 to max_vcpus
    Le32 kernel;             // 0x0c: blob number
    Le32 initrd;             // 0x10: blob number plus one, or 0
    Le32 reserved;           // 0x14
    StringRef command_line;  // 0x18: of the kernel
    Table disks;             // 0x20: offset is the first's number in the disk table
    Table interfaces;        // 0x28: likewise in the interface table
};
static_assert(sizeof(Vm) == 0x30);

/// Virtual CPUs of a guest: what a GICv2 can tell apart.
inline constexpr std::uint32_t max_vcpus = 8;
/// Disks and network interfaces of a guest.
inline constexpr std::uint32_t max_disks = 16;
inline constexpr std::uint32_t max_interfaces = 8;
/// A guest's memory: what the smallest kernel starts in, and below the VMM's other areas.
inline constexpr std::uint64_t min_guest_memory = std::uint64_t{16} << 20;
inline constexpr std::uint64_t max_guest_memory = std::uint64_t{64} << 30;
/// Bytes of a disk's serial number: VIRTIO_BLK_T_GET_ID's.
inline constexpr std::uint32_t max_serial = 20;
/// Volumes are numbered in the system; those of a guest have one number divided by this, so that
/// a target whose devices share pages can give a page to each guest.
inline constexpr std::uint32_t volume_group = 8;

/// A virtio-blk disk: read-only with a blob's bytes, or a volume, a disk of the target's.
struct Disk {
    StringRef serial;  // 0x00: by which the guest finds it
    Le32 blob;         // 0x08: blob number; 0 of a volume
    Le32 volume;       // 0x0c: of a volume, its number plus one; else 0
};
static_assert(sizeof(Disk) == 0x10);

/// A virtio-net interface.
struct Interface {
    StringRef network;                       // 0x00: its network's name
    std::array<std::uint8_t, 6> mac{};       // 0x08: unicast
    std::uint8_t membership = 0;             // 0x0e: number of its switch among the app's message
                                             // servers and switches plus one; 0: it has none
    std::array<std::uint8_t, 1> reserved{};  // 0x0f
};
static_assert(sizeof(Interface) == 0x10);

/// An element of a Symbols blob, which is Le32 count, Le32 0, Symbol[count], then the names.
struct Symbol {
    Le64 address;      // 0x00: as mapped
    Le32 size;         // 0x08: bytes, 0 where not known
    Le32 name_offset;  // 0x0c: from the blob's start, to a NUL-terminated name
};
static_assert(sizeof(Symbol) == 0x10);

/// An element of an Undo blob: `original` is the instruction that the file has at `address`.
struct Undo {
    Le64 address;   // 0x00: as mapped
    Le32 original;  // 0x08
    Le32 reserved;  // 0x0c
};
static_assert(sizeof(Undo) == 0x10);

}  // namespace kos::manifest
