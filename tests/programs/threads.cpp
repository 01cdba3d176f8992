// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause
//
// A C++ program with glibc: threads, exceptions that cross frames, iostreams, atomics.

#include <atomic>
#include <fstream>
#include <iostream>
#include <map>
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

}  // namespace

int main() {
    std::atomic<int> sum = 0;
    std::vector<std::thread> threads;
    for (int i = 1; i <= 4; ++i) {
        threads.emplace_back([&sum, i] {
            for (int round = 0; round < 1000; ++round) sum += i;
        });
    }
    for (std::thread& thread : threads) thread.join();
    std::cout << "sum " << sum << '\n';

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
