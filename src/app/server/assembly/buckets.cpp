// Buckets and their objects: S3; and the bus that notifies of them.

#include "cloud/buckets/buckets.h"

#include <fmt/format.h>

#include <array>

#include "app/server/assembly/domains.h"
#include "aws/dispatch/policy_request.h"
#include "aws/s3/copy_source.h"
#include "aws/s3/event_message.h"
#include "aws/s3/model.h"
#include "aws/s3/operations.h"
#include "base/mutex.h"
#include "cloud/buckets/events.h"
#include "cloud/bus/bus.h"
#include "cloud/bus/outboxes.h"
#include "store/backup.h"
#include "store/blobs.h"
#include "store/database.h"
#include "store/events.h"

namespace sightline::server {
namespace {

const std::array kBucketServices = {&aws::s3::kService};
/// Of the events; never changed.
constexpr const char* kSource = "buckets";
constexpr std::string_view kBucketsKeeps[] = {"buckets.db", "blobs"};

Result<bus::Message> message_of(const store::Event& row) {
  const buckets::ObjectEvent event = TRY(buckets::decode_event(row));
  return bus::Message{
      {std::string(aws::s3::kServicePrincipal), event.account, aws::s3::bucket_arn(event.bucket)},
      aws::s3::event_message(event),
      event.origin.trace_header};
}

class BucketDomain final : public Domain {
 public:
  BucketDomain(std::unique_ptr<store::Database> tables, std::unique_ptr<store::BlobStore> blobs,
               std::filesystem::path folder, const Environment& environment)
      : tables_(std::move(tables)),
        blobs_(std::move(blobs)),
        folder_(std::move(folder)),
        environment_(environment),
        outbox_(*tables_, environment.clock, environment.random),
        buckets_(*tables_, *blobs_, environment.clock, environment.random, {.events = &outbox_}) {}

  static Result<std::unique_ptr<Domain>> open(Assembly& assembly) {
    auto tables = TRY(buckets::open_tables(assembly.stores));
    auto blobs = TRY(
        store::open_blob_folder(assembly.folder / "blobs", assembly.environment.random, assembly.reserve));
    auto domain = std::make_unique<BucketDomain>(std::move(tables), std::move(blobs), assembly.folder,
                                                 assembly.environment);
    for (const std::string& bucket : TRY(domain->buckets_.load()))
      assembly.environment.tell(fmt::format(
          "the policy of bucket {} cannot be read: everything is denied there until the root of its "
          "account puts another one",
          bucket));
    assembly.provide(domain->buckets_);
    return domain;
  }

  Result<void> join(Assembly& assembly) override {
    Pools& pools = assembly.environment.pools;
    targets_ = &assembly.get<bus::Targets>();
    assembly.get<bus::Outboxes>().add(kSource, outbox_);
    aws::s3::add_operations(assembly.operations, {buckets_, *targets_, pools.quick, pools.transfer});
    assembly.resource_policies.add("s3", [this](std::string_view arn, std::string_view account) {
      return policy_of(aws::dispatch::bucket_of(arn), account);
    });
    add_metrics(assembly.metrics);
    return {};
  }

  void start() override {
    bus::BusOptions options;
    options.source = kSource;
    options.topic = buckets::kObjectEvents;
    options.render = &message_of;
    options.on_trouble = [this](std::string_view what) { environment_.tell(what); };
    auto started = bus::Bus::start(outbox_, environment_.clock, *targets_, std::move(options));
    if (!started)
      return environment_.tell(
          fmt::format("buckets notify nobody until the next start: {}", started.error().message));
    const MutexLock lock(mutex_);
    bus_ = *std::move(started);
  }

  /// It uses targets of other domains. What is not delivered yet waits for the next start.
  void stop() override {
    std::unique_ptr<bus::Bus> last;
    {
      const MutexLock lock(mutex_);
      last = std::move(bus_);
    }
  }

  /// Contents that no table names; links to some, of a backup that was killed.
  Result<void> run_maintenance(std::stop_token stop) override {
    auto cleaned = store::clean_up_after_backups(folder_);
    TRY(buckets_.sweep(std::move(stop)));
    return cleaned;
  }

 private:
  [[nodiscard]] std::optional<aws::dispatch::ResourcePolicy> policy_of(std::string_view bucket,
                                                                       std::string_view account) const {
    const auto access = buckets_.access(account, bucket);
    if (!access) return std::nullopt;
    aws::dispatch::ResourcePolicy policy{access->account};
    if (const policy::Document* counts = access->policy_for(account)) policy.document = *counts;
    return policy;
  }
  void add_metrics(MetricRegistry& metrics) {
    const auto size = [this](std::int64_t store::OutboxSizes::* which) {
      return [this, which] { return outbox_.last_sizes().*which; };
    };
    const auto limit = [this](std::int64_t store::OutboxOptions::* which) {
      return [this, which] { return outbox_.options().*which; };
    };
    const auto count = [this](std::uint64_t bus::BusCounters::* which) {
      return [this, which] {
        const MutexLock lock(mutex_);
        return bus_ ? bus_->counters().*which : 0;
      };
    };
    metrics.gauge("sightline_events_waiting", "Events that are not delivered yet.",
                  size(&store::OutboxSizes::waiting));
    metrics.gauge("sightline_events_waiting_limit", "How many of them there may be.",
                  limit(&store::OutboxOptions::max_waiting));
    metrics.gauge("sightline_events_dead", "Events that were given up and are kept.",
                  size(&store::OutboxSizes::dead));
    metrics.gauge("sightline_events_dead_limit", "How many of them are kept.",
                  limit(&store::OutboxOptions::max_dead));
    metrics.counter("sightline_events_delivered_total", "Events delivered.",
                    count(&bus::BusCounters::delivered));
    metrics.counter("sightline_events_failed_total", "Attempts to deliver an event that failed.",
                    count(&bus::BusCounters::failed));
    metrics.counter("sightline_events_given_up_total", "Events given up.",
                    count(&bus::BusCounters::given_up));
    metrics.counter("sightline_events_loops_total", "Of those: because their chain went in a circle.",
                    count(&bus::BusCounters::loops));
    metrics.counter("sightline_events_errors_total", "Errors of the events' own database.",
                    count(&bus::BusCounters::errors));
    metrics.gauge("sightline_events_under_way", "Events that are being delivered now.",
                  count(&bus::BusCounters::under_way));
    metrics.gauge("sightline_events_under_way_limit", "How many of them there may be.",
                  [] { return bus::kMaxUnderWay; });
  }

  const std::unique_ptr<store::Database> tables_;
  const std::unique_ptr<store::BlobStore> blobs_;
  const std::filesystem::path folder_;
  const Environment& environment_;
  store::Outbox outbox_;
  buckets::Buckets buckets_;
  const bus::Targets* targets_ = nullptr;
  mutable Mutex mutex_;
  std::unique_ptr<bus::Bus> bus_ SIGHTLINE_GUARDED_BY(mutex_);  ///< between start() and stop()
};

}  // namespace

const DomainKind& buckets_domain() {
  static const DomainKind kind{.name = "buckets",
                               .keeps = {kBucketsKeeps, "objects and what is known of them",
                                         "the disk; an object goes when it is deleted"},
                               .services = kBucketServices,
                               .fallback = &aws::s3::kService,
                               .open = BucketDomain::open};
  return kind;
}

}  // namespace sightline::server
