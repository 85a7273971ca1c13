#pragma once
// What a module counts, for whoever publishes it (app/server/metrics.h does, in Prometheus' format).

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace sightline {

enum class MetricKind : std::uint8_t {
  counter,  ///< only grows; its name ends in "_total"
  gauge,    ///< what is now
};

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

struct Metric {
  MetricKind kind = MetricKind::gauge;
  std::string name;  ///< "sightline_queue_receivers"; the unit, where there is one, is part of it: "_bytes"
  std::string help;  ///< one sentence; metrics of one name have the same
  MetricLabels labels;
  std::function<double()> read;  ///< the value now. Called from any thread; quick, and does not throw
};

/// Metrics that are read when somebody asks. Filled at start, then constant: thread-safe from then on. What
/// the readers use outlives it.
class MetricRegistry {
 public:
  template <typename Read>
  void counter(std::string name, std::string help, Read read, MetricLabels labels = {}) {
    add(MetricKind::counter, std::move(name), std::move(help), std::move(read), std::move(labels));
  }
  template <typename Read>
  void gauge(std::string name, std::string help, Read read, MetricLabels labels = {}) {
    add(MetricKind::gauge, std::move(name), std::move(help), std::move(read), std::move(labels));
  }
  [[nodiscard]] const std::vector<Metric>& all() const { return metrics_; }

 private:
  template <typename Read>
  void add(MetricKind kind, std::string name, std::string help, Read read, MetricLabels labels) {
    metrics_.push_back({kind, std::move(name), std::move(help), std::move(labels),
                        [read = std::move(read)] { return static_cast<double>(read()); }});
  }

  std::vector<Metric> metrics_;
};

}  // namespace sightline
