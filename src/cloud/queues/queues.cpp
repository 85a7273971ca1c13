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

  /// What can be had now. The error is one, or the wait of who gets nothing.
  Result<std::vector<ReceivedMessage>> take(const ReceiveRequest& request, std::int64_t& wait) {
    const Look look = TRY(store->look(request.queue));
    TRY(check(request));
    wait = request.wait.value_or(look.queue.attributes.receive_wait);
    if (!look.next || *look.next > clock.now()) return {};
    const Want want{request.max_messages, request.visibility_timeout};
    auto claimed = TRY(store->claim(request.queue, std::span(&want, 1)));
    return std::move(claimed.front());
  }

  const Clock& clock;
  std::unique_ptr<QueueStore> store;
  Delivery delivery;
};

Queues::Queues(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Queues::~Queues() {
  // What tells of them uses the rest.
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

void Queues::receive(ReceiveRequest request, std::stop_token stop, ReceiveDone done) {
  std::int64_t wait = 0;
  auto messages = impl_->take(request, wait);
  if (!messages || !messages->empty() || wait == 0) return done(std::move(messages));
  impl_->delivery.park(std::move(request), impl_->clock.now() + std::chrono::seconds(wait), std::move(stop),
                       std::move(done));
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
