#include "cloud/queues/queues.h"

#include <fmt/format.h>

#include <algorithm>

#include "cloud/queues/delivery.h"
#include "cloud/queues/queue_store.h"

namespace sightline::queues {
namespace {

/// Of a number that a receiver may leave out.
bool is_within(const std::optional<std::int64_t>& value, std::int64_t least, std::int64_t most) {
  return !value || (*value >= least && *value <= most);
}

Result<void> check(const ReceiveRequest& request) {
  if (!is_within(request.max_messages, 1, kMaxReceived))
    return fail(ErrorKind::invalid_argument,
                fmt::format("a receiver gets 1 to {} messages, not {}", kMaxReceived, request.max_messages));
  if (!is_within(request.visibility_timeout, 0, kMaxVisibility))
    return fail(ErrorKind::invalid_argument, fmt::format("a message is hidden for 0 to {} seconds, not {}",
                                                         kMaxVisibility, *request.visibility_timeout));
  if (!is_within(request.wait, 0, kMaxWait))
    return fail(ErrorKind::invalid_argument,
                fmt::format("a receiver waits 0 to {} seconds, not {}", kMaxWait, *request.wait));
  return {};
}

}  // namespace

class Queues::Impl {
 public:
  Impl(std::unique_ptr<QueueStore> opened, const Clock& set)
      : clock(set), store(std::move(opened)), delivery(*store, clock) {}

  /// How long a receiver waits, and whether there is something for it now.
  struct Outlook {
    std::int64_t wait = 0;  ///< in seconds
    bool something = false;
  };
  Result<Outlook> outlook(const ReceiveRequest& request) {
    const QueueState state = TRY(store->state_of(request.queue));
    TRY(check(request));
    return Outlook{request.wait.value_or(state.queue.attributes.receive_wait),
                   state.next && *state.next <= clock.now()};
  }

  void wait_or_end(ReceiveRequest request, std::int64_t wait, std::stop_token stop, ReceiveDone done) {
    if (wait == 0) return done(std::vector<ReceivedMessage>());
    delivery.park(std::move(request), clock.now() + std::chrono::seconds(wait), std::move(stop),
                  std::move(done));
  }

  const Clock& clock;
  std::unique_ptr<QueueStore> store;
  Delivery delivery;
};

Queues::Queues(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Queues::~Queues() {
  // What reports them uses the rest. Twice, for what the first ones queue when they run.
  impl_->store->drain();
  impl_->store->drain();
}

Result<std::unique_ptr<Queues>> Queues::open(store::Stores& stores, const Clock& clock, Random& random) {
  auto store = TRY(QueueStore::open(stores, clock, random));
  return std::unique_ptr<Queues>(new Queues(std::make_unique<Impl>(std::move(store), clock)));
}

Result<Queue> Queues::create(const QueueKey& key, std::span<const AttributeSetting> settings) {
  if (!is_queue_name(key.name))
    return fail(ErrorKind::invalid_argument,
                "a queue's name has 1 to 80 letters, digits, hyphens and underscores");
  for (const AttributeSetting& setting : settings)
    if (setting.value < setting.rule->least || setting.value > setting.rule->most)
      return fail(ErrorKind::invalid_argument,
                  fmt::format("{} is {} to {}, not {}", setting.rule->name, setting.rule->least,
                              setting.rule->most, setting.value));
  return impl_->store->create(key, settings);
}

Result<Queue> Queues::find(const QueueKey& key) {
  return impl_->store->find(key);
}

Result<void> Queues::remove(const QueueKey& key) {
  TRY(impl_->store->remove(key));
  impl_->delivery.changed(key);
  return {};
}

void Queues::send(const QueueKey& key, NewMessage message, SendDone done) {
  Sent sent;
  sent.md5_of_body = md5_hex(message.body);
  std::ranges::sort(message.attributes, {}, &MessageAttribute::name);
  sent.md5_of_attributes = md5_of_attributes(message.attributes);
  impl_->store->send(
      key, std::move(message),
      [this, key, sent = std::move(sent), done = std::move(done)](Result<std::string> id) mutable {
        if (!id) return done(std::unexpected(std::move(id).error()));
        impl_->delivery.changed(key);
        sent.id = *std::move(id);
        done(std::move(sent));
      });
}

std::vector<Result<void>> Queues::accept(std::vector<Arrival> arrivals,
                                         std::span<const bus::DeliveryId> settled) {
  std::vector<QueueKey> keys;
  keys.reserve(arrivals.size());
  for (const Arrival& arrival : arrivals) keys.push_back(arrival.queue);
  auto results = impl_->store->accept(std::move(arrivals), settled);
  if (!results) return std::vector<Result<void>>(keys.size(), std::unexpected(results.error()));
  for (std::size_t i = 0; i < keys.size(); ++i)
    if ((*results)[i]) impl_->delivery.changed(keys[i]);
  return *std::move(results);
}

void Queues::receive(ReceiveRequest request, std::stop_token stop, ReceiveDone done) {
  const auto outlook = impl_->outlook(request);
  if (!outlook) return done(std::unexpected(outlook.error()));
  if (!outlook->something)
    return impl_->wait_or_end(std::move(request), outlook->wait, std::move(stop), std::move(done));
  const QueueKey key = request.queue;
  const Want want{request.max_messages, request.visibility_timeout};
  impl_->store->claim(
      key, want,
      [this, wait = outlook->wait, request = std::move(request), stop = std::move(stop),
       done = std::move(done)](Result<std::vector<ReceivedMessage>> messages) mutable {
        if (!messages) return done(std::move(messages));
        // Somebody else was quicker.
        if (messages->empty())
          return impl_->wait_or_end(std::move(request), wait, std::move(stop), std::move(done));
        if (!stop.stop_requested()) return done(std::move(messages));
        impl_->store->give_back(request.queue, *std::move(messages),
                                [this, key = request.queue](const auto&) { impl_->delivery.changed(key); });
        done(std::vector<ReceivedMessage>());
      });
}

void Queues::remove_message(const QueueKey& key, std::string_view receipt_handle, RemoveDone done) {
  auto receipt = decode_receipt(receipt_handle);
  if (receipt) return impl_->store->remove_message(key, *std::move(receipt), std::move(done));
  const auto found = impl_->store->find(key);
  done(found ? fail(ErrorKind::invalid_argument, "not a receipt handle") : std::unexpected(found.error()));
}

void Queues::wake() {
  impl_->delivery.wake();
}

QueueCounters Queues::counters() const {
  return {impl_->delivery.waiting(), impl_->delivery.errors()};
}

}  // namespace sightline::queues
