// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/cgroup/statistics.hpp"

#include "lib/linux/file.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <limits>
#include <map>

namespace kos::oci {

namespace {

using Json = nlohmann::json;
using Table = std::map<std::string, std::uint64_t>;

constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();

std::uint64_t number(std::string_view text) {
    std::uint64_t value = 0;
    if (text.starts_with("max")) return unlimited;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

class Reader {
   public:
    Reader(const Cgroup& cgroup, std::string_view controller)
        : folder_(cgroup.folder_of(controller)) {}

    [[nodiscard]] bool unified() const { return folder_ != nullptr && folder_->unified(); }
    [[nodiscard]] std::string text(const char* file) const {
        if (folder_ == nullptr) return "";
        return sys::read_file(AT_FDCWD, (folder_->path + "/" + file).c_str()).value_or("");
    }
    [[nodiscard]] std::uint64_t value(const char* file) const { return number(text(file)); }
    /// Lines "key value".
    [[nodiscard]] Table table(const char* file) const {
        Table rows;
        const std::string content = text(file);
        for (const std::string_view line : split(content, '\n')) {
            const auto words = split(line, ' ');
            if (words.size() == 2) rows[std::string{words[0]}] = number(words[1]);
        }
        return rows;
    }

   private:
    const CgroupFolder* folder_;
};

Json unified_cpu(const Cgroup& cgroup) {
    constexpr std::uint64_t nanoseconds = 1000;
    Table stat = Reader{cgroup, "cpu"}.table("cpu.stat");
    return {{"usage",
             {{"total", stat["usage_usec"] * nanoseconds},
              {"kernel", stat["system_usec"] * nanoseconds},
              {"user", stat["user_usec"] * nanoseconds}}},
            {"throttling",
             {{"periods", stat["nr_periods"]},
              {"throttledPeriods", stat["nr_throttled"]},
              {"throttledTime", stat["throttled_usec"] * nanoseconds}}}};
}

Json legacy_cpu(const Cgroup& cgroup) {
    const Reader account{cgroup, "cpuacct"};
    // Clock ticks of a hundredth of a second (USER_HZ).
    constexpr std::uint64_t nanoseconds = 10'000'000;
    Table ticks = account.table("cpuacct.stat");
    Table stat = Reader{cgroup, "cpu"}.table("cpu.stat");
    return {{"usage",
             {{"total", account.value("cpuacct.usage")},
              {"kernel", ticks["system"] * nanoseconds},
              {"user", ticks["user"] * nanoseconds}}},
            {"throttling",
             {{"periods", stat["nr_periods"]},
              {"throttledPeriods", stat["nr_throttled"]},
              {"throttledTime", stat["throttled_time"]}}}};
}

Json memory_of(const Cgroup& cgroup) {
    const Reader reader{cgroup, "memory"};
    const Table raw = reader.table("memory.stat");
    const bool v2 = reader.unified();
    const auto cache = raw.find(v2 ? "file" : "cache");
    return {
        {"cache", cache == raw.end() ? 0 : cache->second},
        {"usage",
         {{"limit", reader.value(v2 ? "memory.max" : "memory.limit_in_bytes")},
          {"usage", reader.value(v2 ? "memory.current" : "memory.usage_in_bytes")},
          {"max", reader.value(v2 ? "memory.peak" : "memory.max_usage_in_bytes")},
          {"failcnt", v2 ? reader.table("memory.events")["max"] : reader.value("memory.failcnt")}}},
        {"raw", raw}};
}

Json pids_of(const Cgroup& cgroup) {
    const Reader reader{cgroup, "pids"};
    const std::uint64_t limit = reader.value("pids.max");
    return {{"current", reader.value("pids.current")}, {"limit", limit == unlimited ? 0 : limit}};
}

}  // namespace

Json collect_statistics(const Cgroup& cgroup) {
    return {{"cpu", cgroup.unified() ? unified_cpu(cgroup) : legacy_cpu(cgroup)},
            {"memory", memory_of(cgroup)},
            {"pids", pids_of(cgroup)},
            {"blkio", Json::object()},
            {"hugetlb", Json::object()},
            {"intel_rdt", Json::object()},
            {"network_interfaces", nullptr}};
}

std::uint64_t out_of_memory_kills(const Cgroup& cgroup) {
    const Reader reader{cgroup, "memory"};
    return reader.table(reader.unified() ? "memory.events" : "memory.oom_control")["oom_kill"];
}

}  // namespace kos::oci
