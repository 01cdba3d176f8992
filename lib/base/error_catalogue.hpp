// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Every error that kos tells a person: one list, from which messages, docs/errors.md, `kos explain`
// and the tests come. Codes are stable: a code is never renamed or given another meaning.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace kos {

// X(enumerator, code, what is wrong, what to do)
#define KOS_ERRORS(X)                                                                              \
    /* OCI layouts */                                                                              \
    X(LayoutUnreadable, "KOS-E-LAYOUT", "this is not an OCI image layout",                         \
      "give a directory or tar with oci-layout, index.json and blobs/ (made by umoci, buildah or " \
      "skopeo)")                                                                                   \
    X(ImageNotFound, "KOS-E-IMAGE-NOT-FOUND", "the layout has no image of that name",              \
      "choose one of the tags that the layout holds")                                              \
    X(PlatformMissing, "KOS-E-PLATFORM", "the image is not for linux/arm64",                       \
      "build or pull the image for linux/arm64")                                                   \
    X(BlobMissing, "KOS-E-BLOB-MISSING", "a blob that the image refers to is missing",             \
      "copy the image again: the layout is incomplete")                                            \
    X(BlobSize, "KOS-E-BLOB-SIZE", "a blob does not have the size its descriptor states",          \
      "copy the image again: the blob was cut short or altered")                                   \
    X(BlobDigest, "KOS-E-BLOB-DIGEST", "a blob does not have the digest it is named by",           \
      "copy the image again: the blob was altered")                                                \
    X(DiffId, "KOS-E-DIFF-ID", "an unpacked layer does not have its diff_id",                      \
      "rebuild the image: its config does not belong to its layers")                               \
    X(LayerCorrupt, "KOS-E-LAYER", "a layer cannot be unpacked",                                   \
      "rebuild or copy the image again")                                                           \
    X(LayerPath, "KOS-E-LAYER-PATH", "a layer writes outside the root filesystem",                 \
      "do not use this image: it is malformed or hostile")                                         \
    X(JsonInvalid, "KOS-E-JSON", "a JSON document is malformed or lacks a field",                  \
      "rebuild the image with a tool that follows the OCI image specification")                    \
    /* labels */                                                                                   \
    X(LabelUnknown, "KOS-E-LABEL-UNKNOWN", "unknown com.koskit label",                             \
      "correct the name or remove the label")                                                      \
    X(LabelValue, "KOS-E-LABEL-VALUE", "a com.koskit label has a value that it cannot have",       \
      "give a value in the range stated")                                                          \
    X(PriorityRange, "KOS-E-PRIORITY", "the priority is above the maximum",                        \
      "lower com.koskit.app.spec.priority or raise .max_priority")                                 \
    /* programs */                                                                                 \
    X(EntrypointMissing, "KOS-E-ENTRYPOINT-MISSING", "the program to run is not in the image",     \
      "correct Entrypoint, Cmd or PATH, or com.koskit.app.binary.loopback")                        \
    X(EntrypointNotExecutable, "KOS-E-ENTRYPOINT-MODE", "the program to run is not executable",    \
      "chmod +x it in the image")                                                                  \
    X(EntrypointScript, "KOS-E-SCRIPT", "the program to run is a script",                          \
      "run its interpreter natively, or the image as a microVM (--microvm)")                       \
    X(UserUnknown, "KOS-E-USER", "the user to run as is not known in the image",                   \
      "correct User in the image, or give --user")                                                 \
    X(ElfInvalid, "KOS-E-ELF", "the program is not a well-formed ELF file", "rebuild the program") \
    X(ElfArchitecture, "KOS-E-ELF-ARCH", "the program is not for aarch64",                         \
      "build it for aarch64 (arm64)")                                                              \
    X(ElfDynamic, "KOS-E-ELF-DYNAMIC", "the program is linked dynamically",                        \
      "link it with -static-pie or -static, or run the image as a microVM (--microvm)")            \
    X(ElfSegments, "KOS-E-ELF-SEGMENTS", "the program's segments overlap or wrap",                 \
      "rebuild the program")                                                                       \
    X(ElfWriteExecute, "KOS-E-ELF-WX", "a segment of the program is writable and executable",      \
      "link with separate text and data (no -z execstack, no -N)")                                 \
    X(LayoutCollision, "KOS-E-VSPACE", "the program does not fit in the address space",            \
      "link it position-independent, or at another address")                                       \
    /* resources */                                                                                \
    X(UntypedTooSmall, "KOS-E-UNTYPED", "there is not enough untyped memory",                      \
      "lower com.koskit.app.spec.heap_pages or give the system more memory")                       \
    X(SlotsExhausted, "KOS-E-SLOTS", "there are not enough capability slots",                      \
      "run fewer apps, or configure the kernel with a larger root CNode")                          \
    X(OutOfMemory, "KOS-E-OUT-OF-MEMORY", "the app has used up the memory that it was given",      \
      "raise com.koskit.app.spec.heap_pages")                                                      \
    /* system images */                                                                            \
    X(ImageCorrupt, "KOS-E-SYSTEM-IMAGE", "the system image is damaged or malformed",              \
      "pack it again")                                                                             \
    X(ImageVersion, "KOS-E-SYSTEM-IMAGE-VERSION", "the system image has another format version",   \
      "pack it again with this kos")                                                               \
    X(ImageTooLarge, "KOS-E-IMAGE-TOO-LARGE", "the image does not fit in the board's memory",      \
      "leave out apps, make them smaller, or choose a board with more memory")                     \
    X(KernelMissing, "KOS-E-KERNEL-MISSING", "no seL4 kernel was found for the board",             \
      "set SEL4_PREFIX to an seL4 install or MICROKIT_SDK to a Microkit SDK")                      \
    X(KernelConfig, "KOS-E-KERNEL-CONFIG", "the seL4 kernel is not configured as kos needs it",    \
      "configure and build the kernel with the settings named")                                    \
    X(KernelHeader, "KOS-E-KERNEL-HEADER", "a header of the seL4 kernel is not understood",        \
      "use a supported seL4 version (13 to 16)")                                                   \
    X(KernelVersion, "KOS-E-KERNEL-VERSION",                                                       \
      "the seL4 kernel is of a version that kos does not know",                                    \
      "use a supported seL4 version (13 to 16)")                                                   \
    X(KernelCall, "KOS-E-KERNEL", "a kernel invocation failed", "report this with the log")        \
    /* the boot shim */                                                                            \
    X(BootTable, "KOS-E-BOOT-TABLE", "the boot image's head or boot table is damaged",             \
      "write the boot image again, with this kos")                                                 \
    X(BootDamaged, "KOS-E-BOOT-DAMAGED", "a part of the boot image is damaged",                    \
      "write or copy the boot image again")                                                        \
    X(BootLevel, "KOS-E-BOOT-LEVEL", "the processor is not at exception level 2",                  \
      "enable virtualisation (QEMU: virtualization=on), or let the firmware hand over at EL2")     \
    X(BootProcessor, "KOS-E-BOOT-CPU", "the processor is not one that the kernel was built for",   \
      "configure the kernel for this processor")                                                   \
    X(BootDeviceTree, "KOS-E-DEVICE-TREE", "the device tree is missing or malformed",              \
      "pass the board's own device tree in x0")                                                    \
    X(BootMemory, "KOS-E-BOOT-MEMORY", "there is no RAM where the boot image needs it",            \
      "give the machine the RAM that the kernel is configured for, or make the image smaller")     \
    X(BootFault, "KOS-E-BOOT-FAULT", "the boot shim failed", "report this with the message")       \
    /* microVMs */                                                                                 \
    X(Squashfs, "KOS-E-SQUASHFS", "the squashfs image cannot be made",                             \
      "leave the file named out of the image, or pack on a host with more memory")                 \
    X(GuestModule, "KOS-E-GUEST-MODULE", "a module of the guest's kernel cannot be loaded",        \
      "pack the guest again, with the modules of its kernel")                                      \
    X(GuestDisk, "KOS-E-GUEST-DISK", "a disk of the guest is missing",                             \
      "give the virtual machine the disks linux1 and linux2, by serial")                           \
    X(GuestVolume, "KOS-E-GUEST-VOLUME", "a volume of the guest cannot be used",                   \
      "put its file back as it was, or remove it to begin with an empty one; where its disk does " \
      "not reset, start the system again")                                                         \
    X(GuestMount, "KOS-E-GUEST-MOUNT", "a filesystem of the guest cannot be mounted",              \
      "pack the guest again: its disk is damaged, or its kernel lacks the filesystem")             \
    X(GuestConfig, "KOS-E-GUEST-CONFIG", "a setting of the guest is wrong",                        \
      "correct the field named (docs/guest.md)")                                                   \
    X(GuestNetwork, "KOS-E-GUEST-NETWORK", "the guest's network cannot be set up",                 \
      "correct the interface named in guest.json, or what answers its DHCP")                       \
    X(GuestContainer, "KOS-E-GUEST-CONTAINER", "a container of the guest cannot be started",       \
      "correct the field or file named")                                                           \
    X(GuestMemory, "KOS-E-GUEST-MEMORY",                                                           \
      "a process of the container was killed for want of memory",                                  \
      "raise com.koskit.vm.memory, or the container's limit")                                      \
    X(GuestStorage, "KOS-E-GUEST-STORAGE", "the guest's writable layer is full",                   \
      "write less, or raise com.koskit.vm.memory or writable_bytes of guest.json")                 \
    X(GuestDamage, "KOS-E-GUEST-DAMAGE", "a disk of the guest is damaged",                         \
      "pack the guest again, and check what the image is kept on")                                 \
    X(GuestPanic, "KOS-E-GUEST-PANIC", "the guest's kernel panicked",                              \
      "its console's last lines say why; raise com.koskit.vm.memory if memory was short")          \
    X(GuestInternal, "KOS-E-GUEST-INTERNAL", "kosinit failed", "report this with the log")         \
    /* compose files */                                                                            \
    X(ComposeMissing, "KOS-E-COMPOSE-FILE", "there is no compose file here or above",              \
      "go to a folder with a compose.yaml, or name one with -f")                                   \
    X(ComposeYaml, "KOS-E-COMPOSE-YAML", "the compose file is not well-formed YAML",               \
      "correct the line named")                                                                    \
    X(ComposeKey, "KOS-E-COMPOSE-KEY", "the compose file has an unknown key",                      \
      "correct the key (docs/compose.md)")                                                         \
    X(ComposeValue, "KOS-E-COMPOSE-VALUE", "the compose file has a value that it cannot have",     \
      "give a value as described")                                                                 \
    X(ComposeUnsupported, "KOS-E-COMPOSE-UNSUPPORTED", "kos does not support this of compose",     \
      "leave it out, or do as described (docs/compose.md)")                                        \
    X(ComposeReference, "KOS-E-COMPOSE-REFERENCE",                                                 \
      "the compose file names something that it does not have",                                    \
      "correct the name, or add what it names")                                                    \
    X(ComposeVariable, "KOS-E-COMPOSE-VARIABLE",                                                   \
      "a variable of the compose file cannot be replaced",                                         \
      "set it in the environment or in .env, or correct its form")                                 \
    X(ComposeCycle, "KOS-E-COMPOSE-CYCLE", "the services depend on each other in a circle",        \
      "take one dependency away")                                                                  \
    /* LinuxKit's files */                                                                         \
    X(LinuxkitYaml, "KOS-E-LINUXKIT-YAML", "the LinuxKit file is not well-formed YAML",            \
      "correct the line named")                                                                    \
    X(LinuxkitKey, "KOS-E-LINUXKIT-KEY", "the LinuxKit file has an unknown key",                   \
      "correct the key (docs/linuxkit.md)")                                                        \
    X(LinuxkitValue, "KOS-E-LINUXKIT-VALUE", "the LinuxKit file has a value that it cannot have",  \
      "give a value as described")                                                                 \
    X(LinuxkitUnsupported, "KOS-E-LINUXKIT-UNSUPPORTED", "kos does not support this of LinuxKit",  \
      "leave it out, or do as described (docs/linuxkit.md)")                                       \
    /* instances */                                                                                \
    X(InstanceName, "KOS-E-INSTANCE-NAME", "this cannot be the name of an instance",               \
      "use letters, digits, '_', '.' and '-', a letter or digit first, at most 63")                \
    X(InstanceMissing, "KOS-E-INSTANCE-MISSING", "there is no instance of that name",              \
      "see kos ps -a for those that there are")                                                    \
    X(InstanceExists, "KOS-E-INSTANCE-EXISTS", "there is an instance of that name",                \
      "choose another name, or take it away with kos down")                                        \
    X(InstanceStopped, "KOS-E-INSTANCE-STOPPED", "the instance does not run",                      \
      "see kos ps -a for its exit status, kos logs for what it said")                              \
    X(InstanceRunning, "KOS-E-INSTANCE-RUNNING", "the instance runs",                              \
      "stop it first, or use kos rm -f")                                                           \
    X(InstanceFolder, "KOS-E-INSTANCE-FOLDER", "the folder of instances cannot be used",           \
      "set XDG_RUNTIME_DIR to a folder that is yours alone")                                       \
    X(InstanceSilent, "KOS-E-INSTANCE-SILENT",                                                     \
      "the instance's process does not answer as it should", "end that process, and use kos rm")   \
    /* the command */                                                                              \
    X(Usage, "KOS-E-USAGE", "the command line is wrong", "see kos --help")                         \
    X(File, "KOS-E-FILE", "a file cannot be read or written", "check its path and permissions")    \
    X(Unsupported, "KOS-E-UNSUPPORTED", "this is not supported", "see the documentation")          \
    X(SerialNoise, "KOS-E-NOISE", "there is noise on the serial line",                             \
      "check cable, ground and baud rate; what was damaged is not carried out")                    \
    X(DependencyFailed, "KOS-E-DEPENDENCY", "what the app depends on does not come about",         \
      "see what the log says of the app named; start it first where it was stopped")               \
    X(HostPort, "KOS-E-HOST-PORT", "a port of this machine cannot be listened on",                 \
      "end what listens there, or publish another port or address")                                \
    X(NotLocal, "KOS-E-NOT-LOCAL", "the local image store has no image of that name",              \
      "put it there with kos import")                                                              \
    X(Internal, "KOS-E-INTERNAL", "the root server met what cannot be",                            \
      "report this with the log")                                                                  \
    X(Target, "KOS-E-TARGET", "the target stopped before the app did", "see its log")

enum class ErrorCode : std::uint16_t {
#define KOS_ERROR_ENUMERATOR(name, code, summary, cure) name,
    KOS_ERRORS(KOS_ERROR_ENUMERATOR)
#undef KOS_ERROR_ENUMERATOR
};

/// One line of the catalogue.
struct ErrorEntry {
    std::string_view name;     ///< the enumerator
    std::string_view code;     ///< stable: KOS-E-…
    std::string_view summary;  ///< what is wrong, without the particulars
    std::string_view cure;     ///< what the person can do
};

inline constexpr auto error_catalogue = std::to_array<ErrorEntry>({
#define KOS_ERROR_ENTRY(name, code, summary, cure) {#name, code, summary, cure},
    KOS_ERRORS(KOS_ERROR_ENTRY)
#undef KOS_ERROR_ENTRY
});

[[nodiscard]] constexpr const ErrorEntry& entry_of(ErrorCode code) {
    return error_catalogue[static_cast<std::size_t>(code)];
}

/// By its code, such as "KOS-E-TARGET".
[[nodiscard]] constexpr std::optional<ErrorCode> error_code_of(std::string_view code) {
    for (std::size_t i = 0; i < error_catalogue.size(); ++i) {
        if (error_catalogue[i].code == code) return static_cast<ErrorCode>(i);
    }
    return std::nullopt;
}

}  // namespace kos
