// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <nlohmann/json.hpp>

#include "server/base/time.h"
#include "server/program/commands.h"

namespace fncard::server::program {
namespace {

template <typename T>
Outcome<T> read(store::Result<T> result) {
  if (!result) {
    return stop("The database cannot be read: " + result.error().detail + ".");
  }
  return *std::move(result);
}

/// One line a thing, or one JSON array.
class List {
 public:
  explicit List(bool json) : json_(json) {}
  void add(const nlohmann::json& object) {
    if (json_) {
      array_.push_back(object);
      return;
    }
    bool first = true;
    for (const auto& [name, value] : object.items()) {
      std::cout << (first ? "" : "  ") << name << "="
                << (value.is_string() ? value.get<std::string>() : value.dump());
      first = false;
    }
    std::cout << "\n";
  }
  void end() const {
    if (json_) {
      std::cout << array_.dump() << "\n";
    }
  }

 private:
  bool json_;
  nlohmann::json array_ = nlohmann::json::array();
};

Outcome<audit::Verifier> verifyChain(store::Store& store, const std::string& node) {
  constexpr int kPart = 1000;
  audit::Verifier verifier(node);
  while (true) {
    const auto part = read(store.auditEntries(node, verifier.checked(), kPart));
    if (!part) {
      return tl::unexpected(part.error());
    }
    if (part->empty()) {
      return verifier;
    }
    if (const auto wrong = verifier.check(*part)) {
      return stop("The audit log" + (node.empty() ? "" : " of node " + node) +
                  " was changed: entry " + std::to_string(*wrong) +
                  " does not follow from those before it.");
    }
  }
}

}  // namespace

Outcome<void> purge(const ListOptions& options) {
  const Files files(options.directory);
  const auto configuration = readConfiguration(files);
  if (!configuration) {
    return tl::unexpected(configuration.error());
  }
  const auto clock = makeClock(options.time, *configuration);
  if (!clock) {
    return tl::unexpected(clock.error());
  }
  const auto store = openStore(files, *configuration);
  if (!store) {
    return tl::unexpected(store.error());
  }
  Cashier cashier(**store, **clock, *configuration, options.overrides);
  const auto tally = cashier.service().purgeOverdue();
  List list(options.json);
  list.add({{"purged", tally.purged},
            {"paid", tally.paid},
            {"refundCases", tally.refundCases},
            {"undecided", tally.undecided},
            {"busy", tally.busy}});
  list.end();
  if (tally.undecided > 0) {
    return stop("The payment gateway could not be asked about " + std::to_string(tally.undecided) +
                " orders, so they stay; run this again.");
  }
  if (tally.busy > 0) {
    return stop("The database was busy, so " + std::to_string(tally.busy) +
                " orders stay; run this again.");
  }
  return {};
}

Outcome<void> listJobs(const ListOptions& options) {
  const auto store = openStore(Files(options.directory));
  if (!store) {
    return tl::unexpected(store.error());
  }
  const auto jobs = read((*store)->jobs());
  if (!jobs) {
    return tl::unexpected(jobs.error());
  }
  List list(options.json);
  for (const store::Job& job : *jobs) {
    list.add({{"jobId", job.id},
              {"orderId", job.orderId},
              {"state", store::name(job.state)},
              {"cardNumber", job.cardNumber},
              {"station", job.station}});
  }
  list.end();
  return {};
}

Outcome<void> listOrders(const ListOptions& options) {
  const auto store = openStore(Files(options.directory));
  if (!store) {
    return tl::unexpected(store.error());
  }
  const auto orders = read((*store)->orders());
  if (!orders) {
    return tl::unexpected(orders.error());
  }
  List list(options.json);
  for (const store::Order& order : *orders) {
    list.add({{"orderId", order.id},
              {"state", store::name(order.state)},
              {"createdAt", utcText(order.createdAt)},
              {"deadline", order.deadline == Time{} ? nlohmann::json(nullptr)
                                                    : nlohmann::json(utcText(order.deadline))},
              {"cardNumber", order.cardNumber},
              {"refusal", order.refusal}});
  }
  list.end();
  return {};
}

Outcome<void> listRefunds(const ListOptions& options) {
  const auto store = openStore(Files(options.directory));
  if (!store) {
    return tl::unexpected(store.error());
  }
  const auto refunds = read((*store)->refunds());
  if (!refunds) {
    return tl::unexpected(refunds.error());
  }
  List list(options.json);
  for (const store::Refund& refund : *refunds) {
    list.add({{"merchantTradeNo", refund.merchantTradeNo},
              {"tradeNo", refund.tradeNo},
              {"amount", refund.amount},
              {"reason", refund.reason},
              {"createdAt", utcText(refund.createdAt)}});
  }
  list.end();
  return {};
}

Outcome<void> verifyAudit(const ListOptions& options) {
  const auto store = openStore(Files(options.directory));
  if (!store) {
    return tl::unexpected(store.error());
  }
  const auto nodes = read((*store)->auditNodes());
  if (!nodes) {
    return tl::unexpected(nodes.error());
  }
  List list(options.json);
  for (const std::string& node : *nodes) {
    const auto verifier = verifyChain(**store, node);
    if (!verifier) {
      return tl::unexpected(verifier.error());
    }
    list.add(
        {{"node", node}, {"entries", verifier->checked()}, {"lastHash", verifier->lastHash()}});
  }
  list.end();
  return {};
}

}  // namespace fncard::server::program
