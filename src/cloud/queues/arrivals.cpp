// Messages from the bus, each put into its queue once.

#include "cloud/queues/queue_store.h"
#include "cloud/queues/queue_tables.h"
#include "store/values.h"

namespace sightline::queues {

namespace {

using store::number;
using store::Transaction;

}  // namespace

Result<std::vector<Result<void>>> QueueStore::accept(std::vector<Arrival> arrivals,
                                                     std::span<const bus::DeliveryId> settled) {
  std::vector<PreparedMessage> prepared;
  prepared.reserve(arrivals.size());
  for (Arrival& arrival : arrivals)
    prepared.emplace_back(std::move(arrival.queue), std::move(arrival.message), make_uuid(random_));
  std::vector<Result<void>> results;
  TRY(database_->write([&](Transaction& transaction) -> Result<void> {
    results.clear();
    // What is forgotten here makes no room for what is put.
    transaction.spare_reserve();
    for (const bus::DeliveryId& id : settled)
      TRY(transaction.execute(sql::kDeleteArrival, {id.source, id.event, id.subscription}));
    for (std::size_t i = 0; i < arrivals.size(); ++i) {
      const bus::DeliveryId& id = arrivals[i].id;
      const auto fresh = TRY(transaction.execute(
          sql::kInsertArrival, {id.source, id.event, id.subscription, number(clock_.now())}));
      Result<void> put;
      if (fresh > 0) put = insert(transaction, prepared[i]);
      // Of the tables, not of this message: the whole call has failed, and nothing of it is kept.
      if (!put && (put.error().kind == ErrorKind::no_space || put.error().kind == ErrorKind::io ||
                   put.error().kind == ErrorKind::corrupt || put.error().kind == ErrorKind::unavailable ||
                   put.error().kind == ErrorKind::internal))
        return std::unexpected(std::move(put).error());
      // It has not arrived after all.
      if (!put) TRY(transaction.execute(sql::kDeleteArrival, {id.source, id.event, id.subscription}));
      results.push_back(std::move(put));
    }
    return {};
  }));
  return results;
}

}  // namespace sightline::queues
