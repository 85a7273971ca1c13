#include "app/server/services.h"

#include <algorithm>
#include <array>
#include <thread>

#include "app/server/bucket_objects.h"
#include "app/server/data_folder.h"
#include "aws/iam/model.h"
#include "aws/iam/operations.h"
#include "aws/rekognition/collection_search.h"
#include "aws/rekognition/operations.h"
#include "aws/s3/model.h"
#include "aws/s3/operations.h"
#include "aws/sqs/model.h"
#include "aws/sqs/operations.h"
#include "aws/sts/model.h"
#include "aws/sts/operations.h"
#include "base/key_file.h"
#include "cloud/buckets/buckets.h"
#include "cloud/identity/identities.h"
#include "cloud/queues/queues.h"
#include "sight/collections/face_collections.h"
#include "store/blobs.h"
#include "store/database.h"
#include "store/stores.h"

namespace sightline::server {
namespace {

namespace dispatch = aws::dispatch;
namespace fs = std::filesystem;

const std::array kServices = {&aws::rekognition::kService, &aws::iam::kService, &aws::sts::kService,
                              &aws::sqs::kService, &aws::s3::kService};

int cores() {
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

/// What is kept.
struct Kept {
  static Result<Kept> open(const fs::path& folder, const Environment& environment) {
    Kept kept;
    kept.stores = store::stores_in_folder(folder);
    store::Stores& stores = *kept.stores;
    SecretKeys keys = TRY(load_keys({environment.options.key_file, environment.options.credentials, folder},
                                    environment.random));
    kept.identities =
        TRY(identity::Identities::open(stores, std::move(keys), environment.clock, environment.random));
    kept.bucket_tables = TRY(buckets::open_tables(stores));
    kept.blobs = TRY(store::open_blob_folder(folder / "blobs", environment.random));
    kept.queues = TRY(queues::Queues::open(stores, environment.clock, environment.random));
    kept.collection_tables = TRY(collections::open_tables(stores));
    kept.collections = TRY(
        collections::FaceCollections::open(*kept.collection_tables, environment.clock, environment.random));
    return kept;
  }

  std::unique_ptr<store::Stores> stores;
  std::unique_ptr<identity::Identities> identities;
  std::unique_ptr<store::Database> bucket_tables;
  std::unique_ptr<store::BlobStore> blobs;
  std::unique_ptr<queues::Queues> queues;
  std::unique_ptr<store::Database> collection_tables;
  std::unique_ptr<collections::FaceCollections> collections;
};

}  // namespace

// The numbers bound what may wait: beyond them a client is told to come again. Most of the quick threads wait
// for the disk: those that do share a commit, so more of them cost nothing.
Pools::Pools(int vision_threads)
    : quick("quick", 16, 4096),
      inference("inference", static_cast<std::size_t>(vision_threads > 0 ? vision_threads : cores()) + 1,
                256),
      transfer("transfer", 32, 256) {}

/// Of an object that is read from inside, all of it in memory.
constexpr std::size_t kMaxInnerBody = std::size_t{64} << 20U;

struct Services::Impl {
  Impl(const fs::path& folder, Kept opened, aws::wire::Validator checked, const Environment& environment)
      : kept(std::move(opened)),
        buckets(*kept.bucket_tables, *kept.blobs, environment.clock, environment.random),
        validator(std::move(checked)),
        images(object_reader(buckets)),
        clips(buckets, folder),
        face_search(*kept.collections, environment.vision),
        launcher(jobs::launch_program(environment.worker)),
        own_account(resource_policies),
        operations(validator, own_account),
        authenticator(
            environment.options.keys == KeyPolicy::local ? dispatch::Mode::local : dispatch::Mode::enforced,
            environment.options.account,
            [this](std::string_view id) { return kept.identities->find_credential(id); }, environment.clock),
        invoker({{kServices.begin(), kServices.end()}, kMaxInnerBody, environment.on_inner_call}, operations,
                environment.clock, environment.random) {}

  Kept kept;
  buckets::Buckets buckets;
  aws::wire::Validator validator;
  aws::rekognition::ImageSource images;
  BucketObjects clips;
  aws::rekognition::CollectionSearch face_search;
  std::unique_ptr<jobs::WorkerLauncher> launcher;
  std::unique_ptr<jobs::Jobs> jobs;
  dispatch::ResourcePolicies resource_policies;
  dispatch::OwnAccount own_account;
  dispatch::Operations operations;
  dispatch::Authenticator authenticator;
  dispatch::Invoker invoker;
  std::unique_ptr<dispatch::Dispatcher> dispatcher;
  std::jthread housekeeper;  ///< looks at what lies there from before, while requests are taken
};

Result<std::unique_ptr<jobs::Jobs>> Services::open_jobs(const fs::path& folder, Impl& impl,
                                                        const Environment& environment) {
  jobs::JobsOptions options;
  options.interval = std::chrono::milliseconds(environment.options.sample_interval);
  // A worker uses more than one core by itself.
  options.workers = static_cast<std::size_t>(std::max(1, cores() / 2));
  const auto on_trouble = [log = environment.on_trouble](std::string_view what) {
    if (log) log("", what);
  };
  return jobs::Jobs::open(folder / "jobs",
                          {*impl.kept.stores, environment.clock, environment.random, impl.clips,
                           impl.face_search, *impl.launcher, on_trouble},
                          options);
}

Result<std::unique_ptr<Services>> Services::open(const std::filesystem::path& folder,
                                                 const Environment& environment) {
  auto kept = TRY(Kept::open(folder, environment));
  auto validator = TRY(aws::wire::Validator::create(kServices));
  auto impl = std::make_unique<Impl>(folder, std::move(kept), std::move(validator), environment);
  impl->jobs = TRY(open_jobs(folder, *impl, environment));
  aws::rekognition::add_operations(
      impl->operations, {impl->images, environment.vision, *impl->kept.collections, *impl->jobs,
                         environment.random, environment.pools.inference, environment.pools.quick});
  aws::iam::add_operations(impl->operations, {*impl->kept.identities, environment.pools.quick});
  aws::sts::add_operations(impl->operations, {*impl->kept.identities, environment.pools.quick});
  aws::s3::add_operations(impl->operations,
                          {impl->buckets, environment.pools.quick, environment.pools.transfer});
  aws::sqs::add_operations(impl->operations, {*impl->kept.queues, environment.pools.quick});

  dispatch::DispatcherOptions options;
  options.services.assign(kServices.begin(), kServices.end());
  options.fallback = &aws::s3::kService;
  options.hosts = environment.options.hosts;
  options.hosts.emplace_back("localhost");
  options.origins.hosts = environment.options.hosts;
  options.origins.hosts.push_back(environment.options.listen.address);
  options.origins.origins = environment.options.origins;
  options.region = environment.options.region;
  options.on_trouble = environment.on_trouble;
  impl->dispatcher = TRY(dispatch::Dispatcher::create(std::move(options), impl->operations,
                                                      impl->authenticator, environment.clock));
  impl->housekeeper = std::jthread([raw = impl.get(), tell = environment.on_trouble](std::stop_token stop) {
    if (const auto read = raw->kept.collections->wait_until_loaded(); !read && tell)
      tell("", read.error().message);
    if (const auto swept = raw->buckets.sweep(std::move(stop)); !swept && tell)
      tell("", swept.error().message);
  });
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

jobs::JobCounters Services::job_counters() const {
  return impl_->jobs->counters();
}

store::StoreCounters Services::store_counters() const {
  return impl_->kept.stores->counters();
}

Result<void> Services::reload_keys() {
  return impl_->kept.identities->reload();
}

std::vector<std::string_view> Services::names() {
  std::vector<std::string_view> names;
  names.reserve(kServices.size());
  for (const aws::wire::Service* service : kServices) names.push_back(service->name);
  return names;
}

}  // namespace sightline::server
