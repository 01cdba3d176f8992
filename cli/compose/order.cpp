// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/compose/order.hpp"

#include <algorithm>

namespace kos::compose {

namespace {

/// Depth-first: what is being visited forms the path from which a circle is told.
class Sorter {
   public:
    explicit Sorter(const std::vector<Service>& services) : services_(services) {
        order_.reserve(services.size());
    }

    Outcome<void> visit(const Service& service) {
        if (contains(order_, service)) return {};
        path_.push_back(&service);
        for (const Dependency& dependency : service.depends_on) {
            const auto next =
                std::find_if(services_.begin(), services_.end(),
                             [&](const Service& each) { return each.name == dependency.service; });
            if (next == services_.end()) continue;
            if (contains(path_, *next)) return refuse(dependency);
            KOS_TRY(visit(*next));
        }
        path_.pop_back();
        order_.push_back(&service);
        return {};
    }

    std::vector<const Service*> take() { return std::move(order_); }

   private:
    static bool contains(const std::vector<const Service*>& list, const Service& service) {
        return std::find(list.begin(), list.end(), &service) != list.end();
    }

    Err<Error> refuse(const Dependency& dependency) const {
        auto from = std::find_if(path_.begin(), path_.end(), [&](const Service* each) {
            return each->name == dependency.service;
        });
        std::string circle;
        for (; from != path_.end(); ++from) circle += (*from)->name + " needs ";
        return fail(ErrorCode::ComposeCycle, to_string(dependency.position),
                    circle + dependency.service);
    }

    const std::vector<Service>& services_;
    std::vector<const Service*> path_, order_;
};

}  // namespace

Outcome<std::vector<const Service*>> start_order(const std::vector<Service>& services) {
    Sorter sorter{services};
    for (const Service& service : services) KOS_TRY(sorter.visit(service));
    return sorter.take();
}

}  // namespace kos::compose
