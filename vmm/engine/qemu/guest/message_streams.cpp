// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/qemu/guest/message_streams.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace kos::qemu {

using external::StreamOperation;
using external::StreamRecord;
using virtio::StreamId;

void MessageStreams::tell(std::uint32_t stream, StreamOperation operation, std::uint32_t value,
                          Bytes data) {
    const StreamRecord record{stream, static_cast<std::uint32_t>(operation), value};
    std::string bytes{as_text(bytes_of(record))};
    bytes += as_text(data);
    records_(as_bytes(bytes));
}

void MessageStreams::drop(std::uint32_t number) {
    const auto found = streams_.find(number);
    if (found == streams_.end()) return;
    numbers_.erase(found->second.id);
    streams_.erase(found);
}

void MessageStreams::take(Bytes records) {
    while (const auto record = read_at<StreamRecord>(records, 0)) {
        records = records.subspan(sizeof(StreamRecord));
        const std::size_t size = record->data_size();
        if (size > records.size()) return;
        take(*record, records.first(size));
        records = records.subspan(size);
    }
}

void MessageStreams::take(const StreamRecord& record, Bytes data) {
    const StreamOperation operation = record.operation();
    if (operation == StreamOperation::Accept || operation == StreamOperation::Abort) {
        unanswered_.erase(record.stream);
    }
    const auto found = streams_.find(record.stream);
    if (found == streams_.end()) return;  // the guest has ended it meanwhile
    Stream& stream = found->second;
    const StreamId id = stream.id;
    switch (operation) {
        case StreamOperation::Accept:
            return device_->accept(id, record.value);
        case StreamOperation::Data:
            if (stream.out.size() + data.size() <= external::stream_room) {
                stream.out += as_text(data);
                return device_->wake(id);
            }
            tell(record.stream, StreamOperation::Closed, 0);
            [[fallthrough]];
        case StreamOperation::Abort:
            drop(record.stream);
            return device_->abort(id);
        case StreamOperation::Consumed:
            return device_->consumed(id, record.value);
        case StreamOperation::Finish:
            return device_->finish(id);
        case StreamOperation::Close:
            return device_->close(id);
        case StreamOperation::Request:
        case StreamOperation::Finished:
        case StreamOperation::Closed:
            return;  // those are ours
    }
}

void MessageStreams::connect_requested(StreamId id, virtio::StreamPorts ports) {
    if (unanswered_.size() == most_unanswered) return device_->refuse(id);
    const std::uint32_t number = next_++;
    unanswered_.insert(number);
    streams_[number] = {id, {}};
    numbers_[id] = number;
    tell(number, StreamOperation::Request, ports.host);
}

/// It asks for none.
void MessageStreams::connected(StreamId /*id*/) {}

void MessageStreams::received(StreamId id, virtio::ReadableBuffers bytes) {
    const std::uint32_t number = numbers_.at(id);
    while (!bytes.empty()) {
        std::array<std::byte, external::longest_data> data;
        const auto size = static_cast<std::size_t>(bytes.read(data));
        tell(number, StreamOperation::Data, static_cast<std::uint32_t>(size),
             Bytes{data}.first(size));
    }
}

std::uint64_t MessageStreams::send(StreamId id, virtio::WritableBuffers target) {
    const std::uint32_t number = numbers_.at(id);
    std::string& out = streams_.at(number).out;
    const std::uint64_t count = target.write(as_bytes(out));
    out.erase(0, static_cast<std::size_t>(count));
    if (count != 0) {
        tell(number, StreamOperation::Consumed, static_cast<std::uint32_t>(count));
    }
    return count;
}

void MessageStreams::guest_finished(StreamId id, bool sending, bool receiving) {
    tell(numbers_.at(id), StreamOperation::Finished,
         (sending ? external::finished::sending : 0) |
             (receiving ? external::finished::receiving : 0));
}

void MessageStreams::closed(StreamId id) {
    const auto found = numbers_.find(id);
    if (found == numbers_.end()) return;
    const std::uint32_t number = found->second;
    drop(number);
    tell(number, StreamOperation::Closed, 0);
}

}  // namespace kos::qemu
