// What the server tells of itself to who may ask: its jobs, and what its data folder holds.

#include <condition_variable>
#include <mutex>
#include <thread>

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
  explicit AdminDomain(const House& house) : folder_(house.folder), clock_(house.environment.clock) {
    use_ = measure_data(folder_, clock_.now(), MeasureHow::names_only);
  }

  static Result<std::unique_ptr<Domain>> open(House& house) { return std::make_unique<AdminDomain>(house); }

  Result<void> join(House& house) override {
    aws::admin::add_data_operations(
        house.operations, [this] { return use(); }, house.environment.pools.quick);
    for (std::size_t i = 0; i < use_.modules.size(); ++i) {
      const MetricLabels label{{"module", use_.modules[i].name}};
      house.metrics.gauge(
          "sightline_data_bytes", "Bytes of the data folder that a module's files take.",
          [this, i] { return use().modules[i].bytes; }, label);
      house.metrics.gauge(
          "sightline_data_limit_bytes", "Bytes that they may come to: with what the disk has left.",
          [this, i] { return use().modules[i].limit; }, label);
    }
    house.metrics.gauge("sightline_data_free_bytes", "Bytes that the disk of the data folder has left.",
                        [this] { return use().free; });
    return {};
  }

  void start() override {
    thread_ = std::jthread([this](const std::stop_token& stop) { measure_again(stop); });
  }
  void stop() override { thread_.request_stop(); }

 private:
  aws::admin::DataUse use() const {
    const std::scoped_lock lock(mutex_);
    return use_;
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
