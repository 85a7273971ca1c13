#include "app/server/services.h"

#include <ranges>
#include <thread>

#include "app/server/adapters/policy_authorizer.h"
#include "app/server/assembly/domains.h"
#include "app/server/refusal_log.h"
#include "cloud/identity/identities.h"
#include "store/reserve.h"
#include "store/stores.h"

namespace sightline::server {
namespace {

namespace dispatch = aws::dispatch;
namespace fs = std::filesystem;

/// Of an object that is read from inside, all of it in memory.
constexpr std::size_t kMaxInnerBody = std::size_t{64} << 20U;

std::vector<const aws::wire::Service*> all_services() {
  std::vector<const aws::wire::Service*> services;
  for (const DomainKind* kind : domains())
    services.insert(services.end(), kind->services.begin(), kind->services.end());
  return services;
}

const aws::wire::Service* fallback_service() {
  for (const DomainKind* kind : domains())
    if (kind->fallback != nullptr) return kind->fallback;
  return nullptr;
}

dispatch::DispatcherOptions dispatcher_options(const ServeOptions& serve, const Environment& environment) {
  dispatch::DispatcherOptions options;
  options.services = all_services();
  options.fallback = fallback_service();
  options.hosts = serve.hosts;
  options.hosts.emplace_back("localhost");
  options.origins.hosts = serve.hosts;
  options.origins.hosts.push_back(serve.listen.address);
  for (const WebAddress& origin : serve.origins) options.origins.origins.push_back(to_string(origin));
  options.region = serve.region;
  options.on_trouble = environment.on_trouble;
  return options;
}

}  // namespace

struct Services::Impl {
  Impl(const fs::path& folder, const std::shared_ptr<store::Reserve>& reserve, aws::wire::Validator checked,
       const ServeOptions& options, const Environment& environment_of_it)
      : environment(environment_of_it),
        stores(store::stores_in_folder(folder, reserve)),
        validator(std::move(checked)),
        refusals(environment.clock, [this](std::string_view line) { environment.tell(line); }),
        authorizer(resource_policies,
                   options.permissions == Permissions::audit
                       ? OnRefusal([this](const RefusedAccess& access) { refusals.note(access); })
                       : OnRefusal()),
        operations(validator, authorizer),
        invoker({all_services(), kMaxInnerBody, environment.on_inner_call}, operations, environment.clock,
                environment.random),
        assembly(folder, environment, *stores, operations, resource_policies, metrics, invoker) {
    assembly.reserve = reserve;
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    stop();
    housekeeper = {};
    while (!opened.empty()) opened.pop_back();
  }

  Result<void> open_domains() {
    for (const DomainKind* kind : domains()) opened.push_back(TRY(kind->open(assembly)));
    for (; joined < opened.size(); ++joined) TRY(opened[joined]->join(assembly));
    return {};
  }
  void start() {
    for (const auto& domain : opened) domain->start();
    housekeeper = std::jthread([this](const std::stop_token& stop) {
      for (const auto& domain : opened)
        if (const auto done = domain->run_maintenance(stop); !done) environment.tell(done.error().message);
    });
  }
  /// A start may have failed: of those that have joined.
  void stop() const {
    for (std::size_t i = 0; i < joined; ++i) opened[i]->stop();
  }

  const Environment& environment;
  const std::unique_ptr<store::Stores> stores;
  MetricRegistry metrics;
  const aws::wire::Validator validator;
  dispatch::ResourcePolicies resource_policies;
  RefusalLog refusals;
  PolicyAuthorizer authorizer;
  dispatch::Operations operations;
  const dispatch::Invoker invoker;
  Assembly assembly;
  std::vector<std::unique_ptr<Domain>> opened;
  std::size_t joined = 0;  ///< the first ones of them
  std::optional<dispatch::Authenticator> authenticator;
  std::unique_ptr<dispatch::Dispatcher> dispatcher;
  std::jthread housekeeper;
};

Result<std::unique_ptr<Services>> Services::open(const fs::path& folder, const ServeOptions& options,
                                                 const Environment& environment) {
  // What is gone at the end anyway needs no deleting.
  std::shared_ptr<store::Reserve> reserve;
  if (!options.ephemeral) reserve = TRY(store::Reserve::open(folder));
  auto impl = std::make_unique<Impl>(folder, reserve, TRY(aws::wire::Validator::create(all_services())),
                                     options, environment);
  impl->metrics.counter("sightline_store_writes_total", "Changes of tables that were kept.",
                        [&stores = *impl->stores] { return stores.counters().writes; });
  impl->metrics.counter("sightline_store_commits_total", "Commits that they shared.",
                        [&stores = *impl->stores] { return stores.counters().commits; });
  impl->metrics.counter("sightline_audited_refusals_total",
                        "Accesses that audit mode let pass and policies do not allow.",
                        [&refusals = impl->refusals] { return refusals.count(); });
  TRY(impl->open_domains());
  impl->authorizer.use(impl->assembly.get<identity::Identities>().policies());
  impl->authenticator.emplace(
      options.keys == KeyPolicy::local ? dispatch::Mode::local : dispatch::Mode::enforced, options.account,
      [&identities = impl->assembly.get<identity::Identities>()](std::string_view id) {
        return identities.find_credential(id);
      },
      environment.clock);
  impl->dispatcher = TRY(dispatch::Dispatcher::create(
      dispatcher_options(options, environment), impl->operations, *impl->authenticator, environment.clock));
  impl->start();
  return std::unique_ptr<Services>(new Services(std::move(impl)));
}

Services::Services(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Services::~Services() = default;

const dispatch::Dispatcher& Services::dispatcher() const {
  return *impl_->dispatcher;
}

const dispatch::Invoker& Services::invoker() const {
  return impl_->invoker;
}

const MetricRegistry& Services::metrics() const {
  return impl_->metrics;
}

Result<void> Services::reload_keys() {
  for (const auto& domain : impl_->opened) TRY(domain->reload());
  return {};
}

std::vector<std::string> Services::unfinished() const {
  std::vector<std::string> lines;
  for (const auto& domain : impl_->opened)
    if (std::string line = domain->unfinished(); !line.empty()) lines.push_back(std::move(line));
  return lines;
}

void Services::stop() {
  impl_->stop();
}

std::vector<std::string_view> Services::names() {
  std::vector<std::string_view> names;
  for (const aws::wire::Service* service : all_services()) names.push_back(service->name);
  return names;
}

}  // namespace sightline::server
