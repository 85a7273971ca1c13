// Queues of messages: SQS.

#include "cloud/queues/queues.h"

#include <array>

#include "app/server/assembly/domains.h"
#include "aws/sqs/model.h"
#include "aws/sqs/operations.h"
#include "cloud/queues/queue_target.h"

namespace sightline::server {
namespace {

const std::array kQueueServices = {&aws::sqs::kService};
constexpr std::string_view kQueuesKeeps[] = {"queues.db"};

class QueueDomain final : public Domain {
 public:
  explicit QueueDomain(std::unique_ptr<queues::Queues> queues)
      : queues_(std::move(queues)), target_(*queues_) {}

  static Result<std::unique_ptr<Domain>> open(Assembly& assembly) {
    auto queues =
        TRY(queues::Queues::open(assembly.stores, assembly.environment.clock, assembly.environment.random));
    assembly.provide(*queues);
    return std::make_unique<QueueDomain>(std::move(queues));
  }

  Result<void> join(Assembly& assembly) override {
    assembly.get<bus::Targets>().add("sqs", target_);
    aws::sqs::add_operations(assembly.operations, {*queues_, assembly.environment.pools.quick});
    assembly.metrics.gauge("sightline_queue_receivers", "Receivers that wait for messages now.",
                           [this] { return queues_->counters().waiting; });
    assembly.metrics.counter("sightline_queue_errors_total",
                             "Errors of the queues' database while no caller waited for an answer.",
                             [this] { return queues_->counters().errors; });
    return {};
  }

 private:
  const std::unique_ptr<queues::Queues> queues_;
  queues::QueueTarget target_;
};

}  // namespace

const DomainKind& queues_domain() {
  static const DomainKind kind{
      .name = "queues",
      .keeps = {kQueuesKeeps, "queues and their messages",
                "the disk; a message goes after its queue's retention, four days unless said"},
      .services = kQueueServices,
      .open = QueueDomain::open};
  return kind;
}

}  // namespace sightline::server
