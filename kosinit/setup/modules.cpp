// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/setup/modules.hpp"

#include "lib/linux/file.hpp"

#include <map>
#include <sys/syscall.h>
#include <sys/utsname.h>

namespace kos::init {

namespace {

using Dependencies = std::map<std::string, std::vector<std::string>, std::less<>>;

/// The word that \p text begins with, which is taken from it; empty at the end.
std::string_view take_word(std::string_view& text) {
    const std::size_t begin = std::min(text.find_first_not_of(" \t\r"), text.size());
    text.remove_prefix(begin);
    const std::string_view word = text.substr(0, text.find_first_of(" \t\r"));
    text.remove_prefix(word.size());
    return word;
}

Outcome<void> parse_line(std::string_view line, Dependencies& modules,
                         std::vector<std::string>& names) {
    const std::string_view name = take_word(line);
    if (name.empty() || name.front() == '#') return {};
    if (name.back() != ':' || name.size() < 2) {
        return fail(ErrorCode::GuestModule, "modules.dep",
                    "\"" + std::string{name} + "\" should be a module's path and a colon");
    }
    names.emplace_back(name.substr(0, name.size() - 1));
    auto& needs = modules[names.back()];
    for (auto word = take_word(line); !word.empty(); word = take_word(line)) {
        needs.emplace_back(word);
    }
    return {};
}

class Order {
   public:
    explicit Order(const Dependencies& modules) : modules_(modules) {}

    Outcome<void> add(const std::string& name) {
        const auto [state, is_new] = states_.try_emplace(name, State::Open);
        if (!is_new) {
            if (state->second == State::Done) return {};
            return fail(ErrorCode::GuestModule, name, "it depends on itself, by way of others");
        }
        if (const auto needs = modules_.find(name); needs != modules_.end()) {
            for (const std::string& need : needs->second) KOS_TRY(add(need));
        }
        states_[name] = State::Done;
        order_.push_back(name);
        return {};
    }
    std::vector<std::string> take() { return std::move(order_); }

   private:
    enum class State { Open, Done };
    const Dependencies& modules_;
    std::map<std::string, State> states_;
    std::vector<std::string> order_;
};

Outcome<void> load(const std::string& path) {
    const auto file =
        KOS_TRY(explain(sys::open(AT_FDCWD, path.c_str(), O_RDONLY), ErrorCode::GuestModule, path));
    const auto loaded = sys::done(::syscall(SYS_finit_module, file.get(), "", 0));
    if (!loaded && loaded.error() == EEXIST) return {};
    return explain(loaded.ok() ? sys::Result<void>{} : Err{loaded.error()}, ErrorCode::GuestModule,
                   path);
}

}  // namespace

Outcome<std::vector<std::string>> order_modules(std::string_view text) {
    Dependencies modules;
    std::vector<std::string> names;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        KOS_TRY(parse_line(text.substr(0, end), modules, names));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    Order order{modules};
    for (const std::string& name : names) KOS_TRY(order.add(name));
    return order.take();
}

Outcome<void> load_modules(const std::string& folder) {
    if (!sys::stat(AT_FDCWD, folder.c_str())) return {};
    utsname system{};
    ::uname(&system);
    const std::string release = folder + "/" + system.release;
    const std::string list = release + "/modules.dep";
    const auto text = sys::read_file(AT_FDCWD, list.c_str());
    if (!text) {
        return fail(ErrorCode::GuestModule, list,
                    sys::describe(text.error()) + "; the kernel is " + system.release);
    }
    for (const std::string& module : KOS_TRY(order_modules(*text))) {
        KOS_TRY(load(module.starts_with('/') ? module : release + "/" + module));
    }
    // What is loaded need not be kept a second time. Where the folder is on a disk it stays.
    static_cast<void>(sys::remove_tree(AT_FDCWD, folder.c_str()));
    return {};
}

}  // namespace kos::init
