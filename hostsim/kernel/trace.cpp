// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/trace.hpp"

#include "hostsim/kernel/message.hpp"

#include <cstdio>

namespace kos::sim {

namespace {

std::string hexadecimal(Word word) {
    std::array<char, 24> text;
    std::snprintf(text.data(), text.size(), "%#llx", static_cast<unsigned long long>(word));
    return text.data();
}

void append_words(std::string& text, std::span<const Word> words) {
    const char* separator = "";
    for (const Word word : words) {
        text.append(separator).append(hexadecimal(word));
        separator = ", ";
    }
}

}  // namespace

std::string to_string(const InvocationReport& report) {
    std::string text = "thread " + std::to_string(report.caller->number) + ": ";
    text.append(report.invocation ? sel4::name_of(*report.invocation) : "unknown invocation");
    text.append("(").append(hexadecimal(report.target.value));
    if (!report.extra_caps.empty()) {
        text.append("; ");
        append_words(text, report.extra_caps);
    }
    if (!report.arguments.empty()) {
        text.append(": ");
        append_words(text, report.arguments);
    }
    text.append(") = ").append(sel4::name_of(report.error));
    if (!report.answer.empty()) {
        text.append(" ");
        append_words(text, report.answer);
    }
    return text;
}

InvocationTrace::InvocationTrace(const Invocation& invocation, Word cptr)
    : state_(invocation.state) {
    if (state_.hooks.invocations == nullptr) return;
    invoker_ = state_.current();
    report_.caller = invoker_;
    report_.invocation = invocation.label;
    report_.target = sel4::CPtr{cptr};
    for (unsigned i = 0; i < invocation.length; ++i) words_[i] = invocation.word(i);
    report_.arguments = std::span{words_}.first(invocation.length);
    std::size_t caps = 0;
    if (const sel4::IpcBuffer* buffer = send_buffer(state_, *invoker_)) {
        for (; invocation.extra_cap(static_cast<unsigned>(caps)) != nullptr; ++caps) {
            caps_[caps] = buffer->caps_or_badges[caps];
        }
    }
    report_.extra_caps = std::span{caps_}.first(caps);
    is_call_ = invocation.is_call;
}

void InvocationTrace::report(sel4::Error error) {
    if (invoker_ == nullptr) return;
    report_.error = error;
    std::array<Word, sel4::message_max_words> answer;
    const sel4::IpcBuffer* buffer = receive_buffer(state_, *invoker_);
    const unsigned length = is_call_ ? invoker_->message_info().length() : 0;
    for (unsigned i = 0; i < length; ++i) answer[i] = get_word(*invoker_, buffer, i);
    report_.answer = std::span{answer}.first(length);
    state_.hooks.invocations->invoked(report_);
}

}  // namespace kos::sim
