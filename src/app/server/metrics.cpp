#include "app/server/metrics.h"

#include <fmt/format.h>
#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace sightline::server {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

const prometheus::Histogram::BucketBoundaries kSeconds{0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03,
                                                       0.1,    0.3,    1,     3,     10,   30};

MetricFamily family(std::string name, std::string help, MetricType type) {
  MetricFamily made;
  made.name = std::move(name);
  made.help = std::move(help);
  made.type = type;
  return made;
}

ClientMetric metric(MetricType type, double value, std::vector<ClientMetric::Label> labels = {}) {
  ClientMetric made;
  made.label = std::move(labels);
  (type == MetricType::Gauge ? made.gauge.value : made.counter.value) = value;
  return made;
}

template <typename Number>
void add(std::vector<MetricFamily>& families, std::string name, std::string help, MetricType type,
         Number value) {
  families.push_back(family(std::move(name), std::move(help), type));
  families.back().metric.push_back(metric(type, static_cast<double>(value)));
}

void add_server(std::vector<MetricFamily>& families, const net::ServerCounters& server) {
  add(families, "sightline_connections_open", "Connections open now.", MetricType::Gauge,
      server.connections_open);
  add(families, "sightline_connections_total", "Connections accepted.", MetricType::Counter,
      server.connections_accepted);
  add(families, "sightline_connections_refused_total", "Connections over the limit.", MetricType::Counter,
      server.connections_refused);
  add(families, "sightline_requests_parked", "Requests that wait for their reply now.", MetricType::Gauge,
      server.parked);
  add(families, "sightline_requests_malformed_total", "Requests that could not be read.", MetricType::Counter,
      server.malformed);
  add(families, "sightline_requests_too_slow_total", "Requests cut for being too slow.", MetricType::Counter,
      server.too_slow);
  add(families, "sightline_requests_overloaded_total",
      "Requests refused because a pool, the places or the memory for transfers were taken.",
      MetricType::Counter, server.overloaded);
  add(families, "sightline_requests_over_share_total",
      "Of those: refused because the places or the memory for transfers were taken.", MetricType::Counter,
      server.over_share);
  add(families, "sightline_transfers", "Requests whose body is coming in, or that stream, now.",
      MetricType::Gauge, server.transfers);
  add(families, "sightline_transfers_limit", "How many of them there may be.", MetricType::Gauge,
      server.transfers_limit);
  add(families, "sightline_buffered_bytes", "Bytes of requests and answers in memory now.", MetricType::Gauge,
      server.buffered_bytes);
  add(families, "sightline_buffered_bytes_limit", "How many of them there may be.", MetricType::Gauge,
      server.buffered_bytes_limit);
  add(families, "sightline_least_speed_bytes_per_second",
      "What a client must send or take, on average, not to be cut.", MetricType::Gauge, server.least_speed);
  add(families, "sightline_bytes_in_total", "Bytes read from clients.", MetricType::Counter, server.bytes_in);
  add(families, "sightline_bytes_out_total", "Bytes written to clients.", MetricType::Counter,
      server.bytes_out);
}

void add_pools(std::vector<MetricFamily>& families, const std::vector<const WorkerPool*>& pools) {
  MetricFamily busy = family("sightline_pool_busy", "Threads at work.", MetricType::Gauge);
  MetricFamily queued = family("sightline_pool_queued", "Tasks that wait for a thread.", MetricType::Gauge);
  MetricFamily done = family("sightline_pool_done_total", "Tasks done.", MetricType::Counter);
  MetricFamily refused = family("sightline_pool_refused_total", "Tasks refused.", MetricType::Counter);
  for (const WorkerPool* pool : pools) {
    const WorkerPool::Counters counters = pool->counters();
    const std::vector<ClientMetric::Label> label{{"pool", pool->name()}};
    busy.metric.push_back(metric(MetricType::Gauge, static_cast<double>(counters.busy), label));
    queued.metric.push_back(metric(MetricType::Gauge, static_cast<double>(counters.queued), label));
    done.metric.push_back(metric(MetricType::Counter, static_cast<double>(counters.done), label));
    refused.metric.push_back(metric(MetricType::Counter, static_cast<double>(counters.refused), label));
  }
  for (MetricFamily* made : {&busy, &queued, &done, &refused}) families.push_back(std::move(*made));
}

void add_jobs(std::vector<MetricFamily>& families, const jobs::JobCounters& jobs) {
  add(families, "sightline_video_jobs_waiting", "Stored videos that wait for a worker.", MetricType::Gauge,
      jobs.waiting);
  add(families, "sightline_video_jobs_working", "Stored videos that are worked on.", MetricType::Gauge,
      jobs.working);
  add(families, "sightline_video_jobs_succeeded_total", "Jobs on stored videos that succeeded.",
      MetricType::Counter, jobs.succeeded);
  add(families, "sightline_video_jobs_failed_total", "Jobs on stored videos that failed.",
      MetricType::Counter, jobs.failed);
  add(families, "sightline_video_worker_crashes_total", "Workers that died, hung or were not understood.",
      MetricType::Counter, jobs.crashes);
  add(families, "sightline_video_frames_total", "Frames of stored videos looked at.", MetricType::Counter,
      jobs.frames);
}

void add_stores(std::vector<MetricFamily>& families, const store::StoreCounters& stores) {
  add(families, "sightline_store_writes_total", "Changes of tables that were kept.", MetricType::Counter,
      stores.writes);
  add(families, "sightline_store_commits_total", "Commits that they shared.", MetricType::Counter,
      stores.commits);
}

}  // namespace

struct Metrics::Impl {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& inner = prometheus::BuildCounter()
                                                       .Name("sightline_inner_calls_total")
                                                       .Help("Calls of operations from inside.")
                                                       .Register(registry);
  prometheus::Family<prometheus::Counter>& requests = prometheus::BuildCounter()
                                                          .Name("sightline_requests_total")
                                                          .Help("Requests answered.")
                                                          .Register(registry);
  prometheus::Family<prometheus::Histogram>& seconds =
      prometheus::BuildHistogram()
          .Name("sightline_request_seconds")
          .Help("From a request's first byte to its answer's last.")
          .Register(registry);
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::record(const net::AccessRecord& record) {
  // Names of operations are ours: a client cannot make up labels.
  const std::string operation = record.operation.empty() ? "none" : record.operation;
  impl_->requests.Add({{"operation", operation}, {"status", std::to_string(record.status)}}).Increment();
  impl_->seconds.Add({{"operation", operation}}, kSeconds)
      .Observe(std::chrono::duration<double>(record.took).count());
}

void Metrics::record(const aws::dispatch::InnerRecord& record) {
  const std::string operation = fmt::format("{}:{}", record.operation->service->name, record.operation->name);
  impl_->inner.Add({{"operation", operation}, {"error", record.error}}).Increment();
}

std::string Metrics::text(const net::ServerCounters& server, const std::vector<const WorkerPool*>& pools,
                          const jobs::JobCounters& jobs, const store::StoreCounters& stores) const {
  std::vector<MetricFamily> families = impl_->registry.Collect();
  add_server(families, server);
  add_pools(families, pools);
  add_jobs(families, jobs);
  add_stores(families, stores);
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace sightline::server
