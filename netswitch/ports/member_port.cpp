// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "netswitch/ports/member_port.hpp"

namespace kos::netswitch {

namespace {

ethernet::RingWriter writer_of(MutableBytes area) {
    return ethernet::RingWriter{area.data() + ethernet::to_ring_offset};
}
ethernet::RingReader reader_of(MutableBytes area) {
    return ethernet::RingReader{area.data() + ethernet::from_ring_offset};
}

}  // namespace

MemberPort::MemberPort(const Memory& memory, Host& host, std::uint32_t number)
    : Port(memory.queue),
      area_(memory.area),
      host_(host),
      number_(number),
      writer_(writer_of(area_)),
      reader_(reader_of(area_)) {}

void MemberPort::reset() {
    for (std::uint32_t* field :
         {&board().to_tail, &board().to_head, &board().from_tail, &board().from_head,
          &board().wants_signal, &board().kick_after_read}) {
        ethernet::store(*field, 0);
    }
    writer_ = writer_of(area_);
    reader_ = reader_of(area_);
}

Taking MemberPort::take(Bytes packet) {
    const auto size = static_cast<std::uint32_t>(packet.size());
    if (!has_room(size)) {
        ethernet::store(board().kick_after_read, 1);
        // It may have made room before it could see that.
        if (!has_room(size)) return Taking::Later;
    }
    writer_.begin(size);
    writer_.add(packet);
    writer_.end();
    ethernet::store(board().to_tail, writer_.tail());
    if (__atomic_exchange_n(&board().wants_signal, 0, __ATOMIC_SEQ_CST) != 0) host_.wake(number_);
    return Taking::Done;
}

}  // namespace kos::netswitch
