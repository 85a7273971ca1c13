#include "cloud/queues/queues.h"

#include <fmt/format.h>

#include <algorithm>

#include "cloud/queues/delivery.h"
#include "cloud/queues/queue_store.h"

namespace sightline::queues {
namespace {

constexpr std::int64_t kMaxVisibility = 43'200;
constexpr std::int64_t kMaxWait = 20;

Result<void> check(const ReceiveRequest& request) {
  if (request.max_messages < 1 || request.max_messages > kMaxReceived)
    return fail(
        ErrorKind::invalid_argument,
        fmt::format("Value {} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 "
                    "and {}, if provided.",
                    request.max_messages, kMaxReceived));
  if (const auto timeout = request.visibility_timeout; timeout && (*timeout < 0 || *timeout > kMaxVisibility))
    return fail(
        ErrorKind::invalid_argument,
        fmt::format("Value {} for parameter VisibilityTimeout is invalid. Reason: Must be >= 0 and <= "
                    "{}, if provided.",
                    *timeout, kMaxVisibility));
  if (const auto wait = request.wait; wait && (*wait < 0 || *wait > kMaxWait))
    return fail(ErrorKind::invalid_argument,
                fmt::format("Value {} for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= "
                            "{}, if provided.",
                            *wait, kMaxWait));
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
                "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
  for (const AttributeSetting& setting : settings)
    if (setting.value < setting.rule->least || setting.value > setting.rule->most)
      return fail(ErrorKind::invalid_argument,
                  fmt::format("Invalid value for the parameter {}.", setting.rule->name));
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
