// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/external/message_streams.hpp"

#include <algorithm>
#include <cstring>

namespace kos::external {

using vmm::StreamNumber;

MessageStreams::Stream* MessageStreams::find(StreamNumber number) {
    for (Stream& stream : streams_) {
        if (stream.is_used && stream.number == number) return &stream;
    }
    return nullptr;
}

void MessageStreams::receive() {
    // Whole records: the machine makes none that is longer than the window.
    for (;;) {
        Bytes bytes = device_.records();
        std::size_t taken = 0;
        while (const auto record = read_at<StreamRecord>(bytes, 0)) {
            const std::size_t size = sizeof(StreamRecord) + record->data_size();
            if (size > bytes.size()) break;
            take(*record, bytes.first(size).subspan(sizeof(StreamRecord)));
            bytes = bytes.subspan(size);
            taken += size;
        }
        if (taken == 0) return;
        device_.drop_records(taken);
    }
}

void MessageStreams::take(const StreamRecord& record, Bytes data) {
    switch (record.operation()) {
        case StreamOperation::Request: {
            const auto place = std::find_if(streams_.begin(), streams_.end(),
                                            [](const Stream& one) { return !one.is_used; });
            if (place == streams_.end()) return tell(record.stream, StreamOperation::Abort);
            *place = {.is_used = true, .number = record.stream, .room = stream_room};
            return bridge_->requested(record.stream, record.value);
        }
        case StreamOperation::Data:
            return bridge_->received(record.stream, data);
        case StreamOperation::Consumed:
            if (Stream* const stream = find(record.stream)) {
                stream->room += record.value;
                pump(*stream);
            }
            return;
        case StreamOperation::Finished:
            return bridge_->finished(record.stream, (record.value & finished::sending) != 0,
                                     (record.value & finished::receiving) != 0);
        case StreamOperation::Closed:
            if (Stream* const stream = find(record.stream)) stream->is_used = false;
            return bridge_->closed(record.stream);
        case StreamOperation::Accept:
        case StreamOperation::Abort:
        case StreamOperation::Finish:
        case StreamOperation::Close:
            return;  // those are the VMM's
    }
}

void MessageStreams::pump(Stream& stream) {
    std::array<std::byte, longest_data> buffer;
    while (stream.has_data && stream.room != 0) {
        const std::size_t most = std::min<std::size_t>(buffer.size(), stream.room);
        const std::size_t count = bridge_->send(stream.number, MutableBytes{buffer}.first(most));
        if (!stream.is_used) return;
        if (count == 0) {
            stream.has_data = false;
            break;
        }
        stream.room -= static_cast<std::uint32_t>(count);
        tell(stream.number, StreamOperation::Data, static_cast<std::uint32_t>(count),
             Bytes{buffer}.first(count));
    }
    if (stream.has_data) return;
    if (stream.is_closing) {
        stream.is_closing = false;
        tell(stream.number, StreamOperation::Close);
    } else if (stream.is_finishing) {
        stream.is_finishing = false;
        tell(stream.number, StreamOperation::Finish);
    }
}

void MessageStreams::tell(StreamNumber stream, StreamOperation operation, std::uint32_t value,
                          Bytes data) {
    std::array<std::byte, window_size> bytes;
    const StreamRecord record{stream, static_cast<std::uint32_t>(operation), value};
    std::memcpy(bytes.data(), &record, sizeof record);
    std::copy(data.begin(), data.end(), bytes.begin() + sizeof record);
    device_.send_records(Bytes{bytes}.first(sizeof record + data.size()));
}

void MessageStreams::accept(StreamNumber stream, std::uint32_t window) {
    tell(stream, StreamOperation::Accept, window);
}

void MessageStreams::abort(StreamNumber number) {
    if (Stream* const stream = find(number)) stream->is_used = false;
    tell(number, StreamOperation::Abort);
}

void MessageStreams::wake(StreamNumber number) {
    Stream* const stream = find(number);
    if (stream == nullptr) return;
    stream->has_data = true;
    pump(*stream);
}

void MessageStreams::consumed(StreamNumber stream, std::uint32_t bytes) {
    tell(stream, StreamOperation::Consumed, bytes);
}

void MessageStreams::finish(StreamNumber number) {
    Stream* const stream = find(number);
    if (stream == nullptr) return;
    stream->is_finishing = true;
    pump(*stream);
}

void MessageStreams::close(StreamNumber number) {
    Stream* const stream = find(number);
    if (stream == nullptr) return;
    stream->is_closing = true;
    pump(*stream);
}

}  // namespace kos::external
