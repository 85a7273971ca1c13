#include "app/server/server_program.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "app/server/adapters/models.h"
#include "app/server/data_folder.h"
#include "app/server/metrics.h"
#include "app/server/open_files.h"
#include "app/server/request_group.h"
#include "app/server/requests_under_way.h"
#include "app/server/server_log.h"
#include "app/server/services.h"
#include "app/server/status_pages.h"
#include "app/server/user.h"
#include "base/file.h"
#include "net/server.h"
#include "net/tls.h"

namespace sightline::server {
namespace {

namespace fs = std::filesystem;

/// For a model that is being compiled, not into the data folder, when the server stops.
constexpr std::chrono::milliseconds kCompilerPatience{1'000};
constexpr std::size_t kMaxPem = 1 << 20;

Result<std::optional<net::TlsIdentity>> identity_of(const ServeOptions& options) {
  if (options.self_signed) {
    std::vector<std::string> names = options.hosts;
    names.insert(names.end(), {"localhost", "127.0.0.1", "::1", options.listen.address});
    return TRY(net::make_self_signed(names, SystemClock().now()));
  }
  if (options.certificate.empty()) return std::nullopt;
  const Bytes certificate = TRY(read_file(options.certificate, kMaxPem));
  const Bytes key = TRY(read_file(options.key, kMaxPem));
  net::TlsIdentity identity{std::string(certificate.begin(), certificate.end()),
                            std::string(key.begin(), key.end())};
  TRY(net::check_identity(identity));
  return identity;
}

net::Response plain(int status) {
  net::Response response;
  response.status = status;
  return response;
}

net::OriginPolicy origins_of(const ServeOptions& options) {
  net::OriginPolicy policy;
  policy.hosts = options.hosts;
  policy.hosts.push_back(options.listen.address);
  for (const WebAddress& origin : options.origins) policy.origins.push_back(to_string(origin));
  return policy;
}

/// The running server: what is behind the port may be replaced by a reset.
class Program {
 public:
  Program(const ServeOptions& options, std::optional<net::TlsIdentity> identity,
          const inference::ModelStore& models, const ServeHooks& hooks)
      : options_(options),
        hooks_(hooks),
        identity_(std::move(identity)),
        origins_(origins_of(options)),
        model_store_(models),
        log_(options.log),
        pools_(options.threads) {}

  Result<Ending> run();

 private:
  Result<void> serve_until_stopped();
  Result<void> serve_from(const DataFolder& data);
  void drain();
  void close();
  void load_models();
  void make_environment();
  void end_models(bool ran);

  Result<std::shared_ptr<Services>> open_services(const fs::path& folder) {
    std::unique_ptr<Services> opened = TRY(Services::open(folder, options_, *environment_));
    {
      const std::scoped_lock lock(open_mutex_);
      ++open_services_;
    }
    return std::shared_ptr<Services>(opened.release(), [this, folder](Services* closing) {
      std::unique_ptr<Services>(closing).reset();
      // Of a reset: many would fill the disk.
      std::error_code ignored;
      if (options_.ephemeral && folder != folder_) fs::remove_all(folder, ignored);
      const std::scoped_lock lock(open_mutex_);
      --open_services_;
      all_closed_.notify_all();
    });
  }

  /// What is behind the port, and the requests that are led there.
  struct Running {
    std::shared_ptr<Services> services;
    std::shared_ptr<RequestGroup> requests;
  };
  Running running() const {
    const std::scoped_lock lock(services_mutex_);
    return running_;
  }
  std::shared_ptr<Services> services() const { return running().services; }

  net::ServerCounters net_counters() const {
    const net::Server* server = listening_.load();
    return server != nullptr ? server->counters() : net::ServerCounters{};
  }
  net::ServerOptions server_options();
  net::Decision decide(const net::RequestHead& head);
  net::Decision reset_page();
  void reload_keys();
  void wait_for_the_end();
  std::string endpoint_of(const Endpoint& asked, std::size_t listener, const net::Server& server) const;
  std::string public_url() const;
  void announce(const DataFolder& data) const;

  const ServeOptions& options_;
  const ServeHooks& hooks_;
  const std::optional<net::TlsIdentity> identity_;
  const net::OriginPolicy origins_;
  const inference::ModelStore& model_store_;
  const SystemClock clock_;
  SystemRandom random_;
  // From here on, each is used by those after it until their ends.
  ServerLog log_;
  Metrics metrics_;
  std::unique_ptr<Models> models_;
  std::mutex open_mutex_;
  std::condition_variable all_closed_;
  int open_services_ = 0;  ///< those that are not closed to the end, of before a reset too
  Pools pools_;
  std::optional<Environment> environment_;
  const MetricRegistry own_metrics_ =
      server_metrics([this] { return net_counters(); }, {&pools_.quick, &pools_.inference, &pools_.transfer});
  const StatusSources status_{[this] { return models_->state(); },
                              [this] {
                                const auto current = services();
                                return metrics_.text({&own_metrics_, &current->metrics()});
                              },
                              Services::names()};
  RequestsUnderWay under_way_;
  Ending ending_ = Ending::clean;
  fs::path folder_;
  fs::path compiled_models_;
  bool compiles_into_data_ = false;
  std::atomic<int> resets_ = 0;
  mutable std::mutex services_mutex_;
  // Shared with the requests under way, which a reset ends over the services that they began with.
  Running running_;
  bool reload_missed_ = false;  ///< keys changed while the services were being opened
  std::atomic<const net::Server*> listening_ =
      nullptr;  ///< for requests, which may come before start() returns
  std::unique_ptr<net::Server> server_;
};

net::Decision Program::decide(const net::RequestHead& head) {
  under_way_.begin(head, clock_.now());
  if (head.path() == "/_sightline/reset" && head.method == "POST" && options_.ephemeral) {
    if (net::refuse_origin(head, origins_, net::OriginExemption::none)) return {plain(403), ""};
    return reset_page();
  }
  // What is refused here the dispatcher refuses too, in its own words.
  if (is_for_status_page(head) && !net::refuse_origin(head, origins_, net::OriginExemption::none)) {
    return {status_page(head, status_), "status"};
  }
  auto [current, requests] = running();
  net::Decision decision = current->dispatcher().decide(head);
  return in_group(std::move(decision), std::move(current), std::move(requests));
}

/// Everything anew, in another folder. What runs over what was there ends: jobs, parked requests, transfers.
net::Decision Program::reset_page() {
  net::Unary unary;
  unary.pool = &pools_.quick;
  unary.max_body = 1024;
  unary.run = [this](const net::Request&) -> net::Response {
    const fs::path folder = folder_ / fmt::format("reset-{}", ++resets_);
    std::error_code error;
    fs::create_directory(folder, error);
    auto fresh = open_services(folder);
    if (!fresh) {
      log_.error("", fresh.error().message);
      return plain(500);
    }
    Running before;
    {
      const std::scoped_lock lock(services_mutex_);
      before = std::exchange(running_, {std::move(*fresh), std::make_shared<RequestGroup>()});
    }
    before.requests->end();
    before.services->stop();
    return plain(204);
  };
  return {std::move(unary), "reset"};
}

net::ServerOptions Program::server_options() {
  net::ServerOptions server;
  server.limits = limits_under_open_files();
  net::ListenerOptions control;
  control.address = options_.listen.address;
  control.port = options_.listen.port;
  control.tls = identity_;
  control.decide = [this](const net::RequestHead& head) { return decide(head); };
  control.explain = [this](const net::RequestHead* head, net::Failure failure, std::string_view detail) {
    return services()->dispatcher().explain(head, failure, detail);
  };
  server.listeners.push_back(control);
  for (const Endpoint& endpoint : options_.public_listen) {
    net::ListenerOptions open = control;
    open.address = endpoint.address;
    open.port = endpoint.port;
    open.remedy = "--public-listen takes another port for what is meant for browsers, or none";
    // Nothing is published yet. Whatever will be, the API is not: a page is never of the same origin.
    open.decide = [](const net::RequestHead&) { return net::Decision{plain(404), "public"}; };
    open.explain = net::explain_plainly;
    server.listeners.push_back(std::move(open));
  }
  server.access_log = [this](const net::AccessRecord& record) {
    under_way_.end(record.id);
    metrics_.record(record);
    log_.access(record);
  };
  return server;
}

/// The address of a listener that has its port.
std::string Program::endpoint_of(const Endpoint& asked, std::size_t listener,
                                 const net::Server& server) const {
  const char* scheme = options_.self_signed || !options_.certificate.empty() ? "https" : "http";
  return fmt::format("{}://{}", scheme, to_string(Endpoint{asked.address, server.port(listener)}));
}

std::string Program::public_url() const {
  if (options_.public_url) return to_string(*options_.public_url);
  const net::Server* server = listening_.load();
  if (options_.public_listen.empty() || server == nullptr) return "";
  Endpoint first = options_.public_listen.front();
  // Every address of this machine is none to go to.
  if (first.address == "0.0.0.0" || first.address == "::") first.address = "localhost";
  return endpoint_of(first, 1, *server);
}

void Program::announce(const DataFolder& data) const {
  const auto endpoint = [&](const Endpoint& asked, std::size_t listener) {
    return endpoint_of(asked, listener, *server_);
  };
  Started started;
  started.endpoint = endpoint(options_.listen, 0);
  for (std::size_t i = 0; i < options_.public_listen.size(); ++i) {
    started.public_endpoints.push_back(endpoint(options_.public_listen[i], i + 1));
  }
  started.data = data.path().string();
  started.public_url = public_url();
  if (hooks_.started) hooks_.started(started);
}

void Program::reload_keys() {
  std::shared_ptr<Services> current;
  {
    const std::scoped_lock lock(services_mutex_);
    current = running_.services;
    reload_missed_ = !current;
  }
  if (!current) return;
  if (auto done = current->reload_keys(); !done) {
    log_.warn(done.error().message);
  } else {
    log_.info("keys reloaded");
  }
}

void Program::wait_for_the_end() {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any wake;
  wake.wait(lock, hooks_.stop, [] { return false; });
}

Result<Ending> Program::run() {
  // From before the folder is locked: whoever finds this process there may send it SIGHUP.
  if (hooks_.on_hangup) hooks_.on_hangup([this] { reload_keys(); });
  auto done = serve_until_stopped();
  if (hooks_.on_hangup) hooks_.on_hangup({});
  TRY(done);
  return ending_;
}

Result<void> Program::serve_until_stopped() {
  const DataFolder data =
      options_.ephemeral ? TRY(DataFolder::make_temporary()) : TRY(DataFolder::open(options_.data));
  auto served = serve_from(data);
  // Before the folder is unlocked, or removed: nothing here may be at work in it any more.
  close();
  if (models_) end_models(served.has_value());
  return served;
}

/// What is being compiled cannot be interrupted. A process that ran ends without it, where that is kept
/// elsewhere.
void Program::end_models(bool ran) {
  if (ran && !compiles_into_data_) {
    if (!models_->stop(kCompilerPatience)) ending_ = Ending::compiling;
    return;
  }
  if (models_->state() == "loading") log_.info("stopping: a model that is being compiled is waited for");
  models_->finish();
}

void Program::close() {
  listening_ = nullptr;
  server_.reset();
  std::shared_ptr<Services> last;
  {
    const std::scoped_lock lock(services_mutex_);
    last = std::exchange(running_, {}).services;
  }
  last.reset();
  // A handler that outlasted the grace may still be at work in the folder, on a pool's thread: its next piece
  // is refused, so that this is the time of one call to the disk, or of a model that is being compiled. It
  // closes the services that it began with.
  std::unique_lock lock(open_mutex_);
  all_closed_.wait(lock, [this] { return open_services_ == 0; });
}

/// Says what it waits for: whoever stopped the server may wonder why it is still there.
void Program::drain() {
  for (const std::string& line : services()->unfinished()) {
    log_.info(
        fmt::format("stopping: {}; {}", line,
                    options_.ephemeral ? "they go with the temporary data" : "they go on at the next start"));
  }
  // Those that are parked (receivers of messages) are answered at once.
  if (under_way_.size() > net_counters().parked) {
    log_.info(fmt::format("stopping: up to {} s for {} under way: {}", options_.grace.count(),
                          under_way_.size(), under_way_.describe(clock_.now())));
  } else {
    log_.info("stopping: nothing is under way");
  }
  const std::uint64_t gone = net_counters().client_gone;
  server_->stop(options_.grace);
  const std::uint64_t unanswered = server_->counters().client_gone - gone;
  log_.info(unanswered == 0 ? "stopped" : fmt::format("stopped: {} not answered", unanswered));
}

/// In the background. Compiled models are kept in the data folder where the usual one is not this user's.
void Program::load_models() {
  const bool usual = may_write(options_.compiled_models);
  compiles_into_data_ = !usual;
  compiled_models_ = usual ? options_.compiled_models : folder_ / "compiled";
  if (!usual) log_.info(fmt::format("compiled models are kept in '{}'", compiled_models_.string()));
  inference::RuntimeOptions runtime;
  runtime.threads = options_.threads;
  runtime.cache_folder = compiled_models_;
  models_ = std::make_unique<Models>(model_store_, runtime);
}

/// What all services stand on, those after a reset too.
void Program::make_environment() {
  environment_.emplace(
      Settings{options_.key_file, options_.credentials, std::chrono::milliseconds(options_.sample_interval)},
      options_.worker(compiled_models_), clock_, random_, pools_, *models_,
      [this](std::string_view id, std::string_view what) { log_.error(id, what); },
      [this](const aws::dispatch::InnerRecord& record) {
        metrics_.record(record);
        if (!record.cause.empty()) log_.error(record.request_id, record.cause);
      },
      [this] { return public_url(); });
}

Result<void> Program::serve_from(const DataFolder& data) {
  folder_ = data.path();
  load_models();
  make_environment();
  auto opened = TRY(open_services(folder_));
  bool missed = false;
  {
    const std::scoped_lock lock(services_mutex_);
    running_ = {std::move(opened), std::make_shared<RequestGroup>()};
    missed = reload_missed_;
  }
  if (missed) reload_keys();
  server_ = TRY(net::Server::start(server_options(), clock_, random_));
  listening_ = server_.get();
  announce(data);
  if (::geteuid() == 0) {
    log_.warn("running as root, which no part of this needs: --user NAME gives that up");
  }
  wait_for_the_end();
  drain();
  return {};
}

}  // namespace

Result<Ending> serve(const ServeOptions& options, const inference::ModelStore& models,
                     const ServeHooks& hooks) {
  TRY(check(options));
  // Perhaps only root may read the certificate's key.
  auto identity = TRY(identity_of(options));
  if (options.user) TRY(become(*options.user));
  return Program(options, std::move(identity), models, hooks).run();
}

}  // namespace sightline::server
