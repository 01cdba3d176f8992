// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause
//
// A C++ program with glibc: threads, exceptions that cross frames, iostreams, atomics.
//
// What memory glibc maps must not depend on how threads take turns, so that a run can be compared
// with another's: each thread has its stack and malloc arena before the next one starts, and none
// ends before all have both.

#include <atomic>
#include <fstream>
#include <iostream>
#include <latch>
#include <map>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

int parse(const std::string& text) {
    try {
        return std::stoi(text);
    } catch (const std::invalid_argument&) {
        throw std::runtime_error("not a number: " + text);
    }
}

/// 1000 times 1 + 2 + 3 + 4, each by a thread of its own.
int sum_in_threads() {
    constexpr int count = 4, rounds = 1000;
    std::atomic<int> sum = 0;
    std::binary_semaphore ready{0};
    std::latch all_ready{count};
    std::vector<std::thread> threads;
    for (int i = 1; i <= count; ++i) {
        threads.emplace_back([&, i] {
            const std::vector<int> parts(rounds, i);
            ready.release();
            all_ready.arrive_and_wait();
            for (const int part : parts) sum += part;
        });
        ready.acquire();
    }
    for (std::thread& thread : threads) thread.join();
    return sum;
}

}  // namespace

int main() {
    std::cout << "sum " << sum_in_threads() << '\n';

    try {
        parse("ten");
    } catch (const std::runtime_error& error) {
        std::cout << "caught " << error.what() << '\n';
    }

    std::map<std::string, int> words;
    std::ifstream file("/foo.txt");
    for (std::string word; file >> word;) ++words[word];
    for (const auto& [word, count] : words) std::cout << word << ' ' << count << '\n';
    return 0;
}
