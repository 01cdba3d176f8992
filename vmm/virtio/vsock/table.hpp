// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Streams by their ports, and the order in which those with something to send have their turn.
#pragma once

#include "vmm/virtio/vsock/connection.hpp"

#include <array>
#include <optional>
#include <span>

namespace kos::virtio {

class ConnectionTable {
   public:
    /// At most 65535 streams; the memory is the caller's and outlives the table.
    explicit ConnectionTable(std::span<Connection> storage);

    [[nodiscard]] std::optional<StreamId> find(StreamPorts ports) const;
    /// A new stream, which must not be there yet; nothing where the table is full.
    std::optional<StreamId> add(StreamPorts ports);
    void remove(StreamId id);

    [[nodiscard]] Connection& operator[](StreamId id) { return storage_[index_of(id)]; }
    /// Whether \p id names a stream.
    [[nodiscard]] bool contains(StreamId id) const {
        return index_of(id) < storage_.size() &&
               storage_[index_of(id)].state != Connection::State::Free;
    }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] std::size_t capacity() const { return storage_.size(); }

    /// Puts the stream at the end of the queue, unless it is in it.
    void make_ready(StreamId id);
    /// Takes the first stream out of the queue; it may have been removed meanwhile: never here.
    std::optional<StreamId> take_ready();
    /// As make_ready, but at the head: its turn was not used.
    void put_back(StreamId id);

   private:
    static constexpr std::uint16_t none = Connection::none;
    [[nodiscard]] static std::uint16_t index_of(StreamId id) {
        return static_cast<std::uint16_t>(id);
    }
    [[nodiscard]] static std::size_t bucket_of(StreamPorts ports);
    void unlink_ready(std::uint16_t index);

    std::span<Connection> storage_;
    std::array<std::uint16_t, 256> buckets_{};
    std::uint16_t free_ = none;  ///< linked by next_in_bucket
    std::uint16_t first_ready_ = none, last_ready_ = none;
    std::size_t size_ = 0;
};

}  // namespace kos::virtio
