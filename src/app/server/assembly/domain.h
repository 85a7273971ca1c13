#pragma once
// What a domain (buckets, queues, ...) brings to the server, and what it finds there. Each has a file of its
// own in this folder: x.cpp, which defines `const DomainKind& x_domain()`; the build lists them all
// (assembly/domains.h). A server's life goes through these steps, in each through all domains:
//
//   open()  its own stores, and what others may use of it: Assembly::provide()
//   join()  what others have provided is there: handlers, metrics, resource policies are registered
//   start() everything is registered: threads that act by themselves begin
//   stop()  what runs ends; requests may still come, and are answered somehow
//   the destructor, in the opposite order, once no request is under way: nothing of another domain is used

#include <filesystem>
#include <memory>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <typeindex>
#include <typeinfo>
#include <unordered_map>

#include "app/server/assembly/environment.h"
#include "aws/dispatch/invoker.h"
#include "aws/dispatch/operations.h"
#include "aws/dispatch/permission.h"
#include "base/metrics.h"
#include "base/result.h"
#include "store/reserve.h"
#include "store/stores.h"

namespace sightline::server {

/// Where domains meet. What it refers to outlives all of them.
class Assembly {
 public:
  Assembly(const std::filesystem::path& data_folder, const Environment& environment_of_it,
           store::Stores& stores_of_it, aws::dispatch::Operations& all_operations,
           aws::dispatch::ResourcePolicies& all_policies, MetricRegistry& all_metrics,
           const aws::dispatch::Invoker& invoker_of_it)
      : folder(data_folder),
        environment(environment_of_it),
        stores(stores_of_it),
        operations(all_operations),
        resource_policies(all_policies),
        metrics(all_metrics),
        invoker(invoker_of_it) {}

  const std::filesystem::path folder;
  const Environment& environment;
  store::Stores& stores;
  aws::dispatch::Operations& operations;
  aws::dispatch::ResourcePolicies& resource_policies;
  MetricRegistry& metrics;
  const aws::dispatch::Invoker& invoker;    ///< for calls from start() on
  std::shared_ptr<store::Reserve> reserve;  ///< null: none

  /// In open(): what other domains may use. One of each type; it lives as long as its domain.
  template <typename T>
  void provide(T& thing) {
    provided_.insert_or_assign(std::type_index(typeid(T)), &thing);
  }
  /// From join() on. That nobody provides it is a mistake of the program.
  template <typename T>
  [[nodiscard]] T& get() const {
    const auto found = provided_.find(std::type_index(typeid(T)));
    if (found == provided_.end())
      throw std::logic_error(std::string("no domain provides ") + typeid(T).name());
    return *static_cast<T*>(found->second);
  }

 private:
  std::unordered_map<std::type_index, void*> provided_;
};

/// One domain of a running server, by the steps above. What is called more than once, or by any thread, says
/// so; nothing but the destructor is called before join() has succeeded.
class Domain {
 public:
  Domain() = default;
  Domain(const Domain&) = delete;
  Domain& operator=(const Domain&) = delete;
  virtual ~Domain() = default;

  [[nodiscard]] virtual Result<void> join(Assembly& assembly) = 0;
  virtual void start() {}
  /// On a thread that all domains share, while requests are taken: what is to be looked at once, such as what
  /// a killed server left behind. Ends soon after `stop`.
  [[nodiscard]] virtual Result<void> run_maintenance(std::stop_token stop) {
    static_cast<void>(stop);
    return {};
  }
  /// Another process has changed what is on the disk (`sightline keys`). Any thread; more than once.
  [[nodiscard]] virtual Result<void> reload() { return {}; }
  /// For the log of a server that stops: "stored videos that are not done: 2". Empty: nothing. Any thread;
  /// more than once.
  [[nodiscard]] virtual std::string unfinished() const { return {}; }
  /// Any thread; more than once.
  virtual void stop() {}
};

/// What a domain keeps in the data folder.
struct Kept {
  /// Files and folders, relative to it; a table's ("queues.db") with its journal.
  std::span<const std::string_view> paths = {};
  std::string_view what = {};        ///< "messages and queues"
  std::string_view limited_by = {};  ///< what ends or bounds it: "the disk; messages go after four days"
};

/// What is known of a domain before it is opened.
struct DomainKind {
  std::string_view name;
  Kept keeps = {};
  /// Whose operations it registers.
  std::span<const aws::wire::Service* const> services = {};
  /// The one of them, if any, that answers requests which name no service. One domain's.
  const aws::wire::Service* fallback = nullptr;
  Result<std::unique_ptr<Domain>> (*open)(Assembly& assembly) = nullptr;
};

}  // namespace sightline::server
