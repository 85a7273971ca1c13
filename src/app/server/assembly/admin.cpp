// What the server reports about itself: what its data folder holds (its jobs: rekognition.cpp).

#include <condition_variable>
#include <mutex>
#include <thread>
#include <type_traits>

#include "app/server/assembly/data_use.h"
#include "aws/admin/model.h"
#include "aws/admin/operations.h"

namespace sightline::server {
namespace {

const std::array kAdminServices = {&aws::admin::kService};

/// A folder of many objects takes a while to be measured: a twentieth of the time is spent on that, at most.
constexpr std::chrono::seconds kLeastPause{10};
constexpr int kPauseTimes = 20;

class AdminDomain final : public Domain {
 public:
  explicit AdminDomain(const Assembly& assembly)
      : folder_(assembly.folder), clock_(assembly.environment.clock) {
    use_ = measure_data(folder_, clock_.now(), MeasureHow::names_only);
  }

  static Result<std::unique_ptr<Domain>> open(Assembly& assembly) {
    return std::make_unique<AdminDomain>(assembly);
  }

  Result<void> join(Assembly& assembly) override {
    aws::admin::add_data_operations(
        assembly.operations, [this] { return read([](const aws::admin::DataUse& use) { return use; }); },
        assembly.environment.pools.quick);
    for (std::size_t i = 0; i < use_.modules.size(); ++i) {
      const MetricLabels label{{"module", use_.modules[i].name}};
      assembly.metrics.gauge(
          "sightline_data_bytes", "Bytes of the data folder that a module's files take.",
          [this, i] { return read([i](const aws::admin::DataUse& use) { return use.modules[i].bytes; }); },
          label);
      assembly.metrics.gauge(
          "sightline_data_limit_bytes", "Bytes that they may come to: with what the disk has left.",
          [this, i] { return read([i](const aws::admin::DataUse& use) { return use.modules[i].limit; }); },
          label);
    }
    assembly.metrics.gauge("sightline_data_free_bytes", "Bytes that the disk of the data folder has left.",
                           [this] { return read([](const aws::admin::DataUse& use) { return use.free; }); });
    if (const auto reserve = assembly.reserve) {
      assembly.metrics.gauge("sightline_reserve_bytes", "Bytes of the disk that are kept for deletions now.",
                             [reserve] { return reserve->held(); });
      assembly.metrics.gauge("sightline_reserve_limit_bytes", "How many are kept while there is room.",
                             [reserve] { return reserve->size(); });
    }
    return {};
  }

  void start() override {
    thread_ = std::jthread([this](const std::stop_token& stop) { measure_again(stop); });
  }
  void stop() override { thread_.request_stop(); }

 private:
  template <typename Take>
  std::invoke_result_t<const Take&, const aws::admin::DataUse&> read(const Take& take) const {
    const std::scoped_lock lock(mutex_);
    return take(use_);
  }

  void measure_again(const std::stop_token& stop) {
    using SteadyClock = std::chrono::steady_clock;
    while (!stop.stop_requested()) {
      const auto begin = SteadyClock::now();
      auto measured = measure_data(folder_, clock_.now(), MeasureHow::whole, stop);
      if (stop.stop_requested()) return;
      const auto pause =
          std::max<SteadyClock::duration>(kLeastPause, kPauseTimes * (SteadyClock::now() - begin));
      std::unique_lock lock(mutex_);
      use_ = std::move(measured);
      wake_.wait_for(lock, stop, pause, [] { return false; });
    }
  }

  const std::filesystem::path folder_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  aws::admin::DataUse use_;
  std::jthread thread_;
};

}  // namespace

const DomainKind& admin_domain() {
  static const DomainKind kind{.name = "admin", .services = kAdminServices, .open = AdminDomain::open};
  return kind;
}

}  // namespace sightline::server
