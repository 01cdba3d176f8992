// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// rtnetlink(7): requests, and what they are answered with.
#pragma once

#include "lib/linux/result.hpp"
#include "lib/linux/unique_fd.hpp"

#include <cstddef>
#include <cstdint>
#include <linux/rtnetlink.h>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kos::oci {

/// A message in the making: a header of its own kind, then attributes.
class NetlinkRequest {
   public:
    template <class Header>
    NetlinkRequest(std::uint16_t type, std::uint16_t flags, const Header& header) {
        bytes_.resize(sizeof(nlmsghdr));
        append({reinterpret_cast<const std::byte*>(&header), sizeof header});
        start().nlmsg_type = type;
        start().nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    }

    NetlinkRequest& attribute(std::uint16_t type, std::span<const std::byte> value);
    NetlinkRequest& attribute(std::uint16_t type, std::uint32_t value);
    /// With its terminating zero.
    NetlinkRequest& attribute(std::uint16_t type, const std::string& text);

    /// The message as it is sent.
    [[nodiscard]] std::span<const std::byte> bytes();

   private:
    nlmsghdr& start() { return *reinterpret_cast<nlmsghdr*>(bytes_.data()); }
    void append(std::span<const std::byte> part);

    std::vector<std::byte> bytes_;
};

/// An address of an interface, as the kernel describes it.
struct InterfaceAddress {
    struct Attribute {
        std::uint16_t type;
        std::vector<std::byte> value;
    };
    ifaddrmsg header{};
    std::uint32_t flags = 0;  ///< IFA_F_*
    std::vector<Attribute> attributes;
};

/// A socket of the network namespace that it was made in.
class NetlinkSocket {
   public:
    [[nodiscard]] static sys::Result<NetlinkSocket> open();

    /// Sends a request and waits for its acknowledgement.
    [[nodiscard]] sys::Result<void> transact(NetlinkRequest request) const;

    [[nodiscard]] sys::Result<std::vector<InterfaceAddress>> addresses() const;

    /// The index of an interface; ENODEV where there is none of that name.
    [[nodiscard]] sys::Result<unsigned> index_of(const std::string& name) const;

    [[nodiscard]] sys::Result<void> set_up(const std::string& name) const;

   private:
    explicit NetlinkSocket(sys::UniqueFd socket) : socket_(std::move(socket)) {}

    sys::UniqueFd socket_;
};

}  // namespace kos::oci
