// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "msgserver/serving/serving.hpp"

namespace kos::serving {

const native::ProcessInfo& process_info() {
    const auto& info = *reinterpret_cast<const native::ProcessInfo*>(
        sel4::vspace_pointer(native::process_info_address.value()));
    if (info.magic != native::ProcessInfo::expected_magic)
        panic("ProcessInfo is of another version");
    return info;
}

std::optional<News> next_news() {
    sel4::Message question;
    question.info = sel4::MessageInfo{static_cast<sel4::Word>(native::Request::TakeNews), 0, 0};
    const sel4::Message news = sel4::call(native::app_slot::manager(0), question);
    if (news.info.label() != 0) return std::nullopt;
    return News{.app = static_cast<std::uint32_t>(news.words[0]),
                .earlier_starts = static_cast<std::uint32_t>(news.words[1]),
                .runs = news.words[2] != 0};
}

}  // namespace kos::serving
