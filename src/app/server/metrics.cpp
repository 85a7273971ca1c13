#include "app/server/metrics.h"

#include <fmt/format.h>
#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <chrono>

namespace sightline::server {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

const prometheus::Histogram::BucketBoundaries kSeconds{0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03,
                                                       0.1,    0.3,    1,     3,     10,   30};

/// Metrics of one name in one family, in the order in which names come.
void add_registry(std::vector<MetricFamily>& families, const MetricRegistry& registry) {
  for (const Metric& metric : registry.all()) {
    auto family = std::ranges::find(families, metric.name, &MetricFamily::name);
    if (family == families.end()) {
      families.push_back({metric.name,
                          metric.help,
                          metric.kind == MetricKind::gauge ? MetricType::Gauge : MetricType::Counter,
                          {}});
      family = std::prev(families.end());
    }
    ClientMetric& value = family->metric.emplace_back();
    for (const auto& [name, text] : metric.labels) value.label.push_back({name, text});
    (metric.kind == MetricKind::gauge ? value.gauge.value : value.counter.value) = metric.read();
  }
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

std::string Metrics::text(const std::vector<const MetricRegistry*>& registries) const {
  std::vector<MetricFamily> families = impl_->registry.Collect();
  for (const MetricRegistry* registry : registries) add_registry(families, *registry);
  return prometheus::TextSerializer().Serialize(families);
}

MetricRegistry server_metrics(const std::function<net::ServerCounters()>& read,
                              const std::vector<const WorkerPool*>& pools) {
  MetricRegistry made;
  const auto server = [&read](auto net::ServerCounters::* counter) {
    return [read, counter] { return read().*counter; };
  };
  made.gauge("sightline_connections_open", "Connections open now.",
             server(&net::ServerCounters::connections_open));
  made.counter("sightline_connections_total", "Connections accepted.",
               server(&net::ServerCounters::connections_accepted));
  made.counter("sightline_connections_refused_total", "Connections over the limit.",
               server(&net::ServerCounters::connections_refused));
  made.gauge("sightline_requests_parked", "Requests that wait for their reply now.",
             server(&net::ServerCounters::parked));
  made.counter("sightline_requests_malformed_total", "Requests that could not be read.",
               server(&net::ServerCounters::malformed));
  made.counter("sightline_requests_too_slow_total", "Requests cut for being too slow.",
               server(&net::ServerCounters::too_slow));
  made.counter("sightline_requests_overloaded_total",
               "Requests refused because a pool, the places or the memory for transfers were taken.",
               server(&net::ServerCounters::overloaded));
  made.counter("sightline_requests_over_share_total",
               "Of those: refused because the places or the memory for transfers were taken.",
               server(&net::ServerCounters::over_share));
  made.gauge("sightline_transfers", "Requests whose body is coming in, or that stream, now.",
             server(&net::ServerCounters::transfers));
  made.gauge("sightline_transfers_limit", "How many of them there may be.",
             server(&net::ServerCounters::transfers_limit));
  made.gauge("sightline_buffered_bytes", "Bytes of requests and answers in memory now.",
             server(&net::ServerCounters::buffered_bytes));
  made.gauge("sightline_buffered_bytes_limit", "How many of them there may be.",
             server(&net::ServerCounters::buffered_bytes_limit));
  made.gauge("sightline_least_speed_bytes_per_second",
             "What a client must send or take, on average, not to be cut.",
             server(&net::ServerCounters::least_speed));
  made.counter("sightline_bytes_in_total", "Bytes read from clients.",
               server(&net::ServerCounters::bytes_in));
  made.counter("sightline_bytes_out_total", "Bytes written to clients.",
               server(&net::ServerCounters::bytes_out));
  for (const WorkerPool* pool : pools) {
    const auto of = [pool](auto WorkerPool::Counters::* counter) {
      return [pool, counter] { return pool->counters().*counter; };
    };
    const MetricLabels label{{"pool", pool->name()}};
    made.gauge("sightline_pool_busy", "Threads at work.", of(&WorkerPool::Counters::busy), label);
    made.gauge("sightline_pool_queued", "Tasks that wait for a thread.", of(&WorkerPool::Counters::queued),
               label);
    made.counter("sightline_pool_done_total", "Tasks done.", of(&WorkerPool::Counters::done), label);
    made.counter("sightline_pool_refused_total", "Tasks refused.", of(&WorkerPool::Counters::refused), label);
  }
  return made;
}

}  // namespace sightline::server
