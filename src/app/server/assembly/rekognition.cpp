// Faces, labels and stored videos: Rekognition.

#include <fmt/format.h>

#include <array>

#include "app/server/adapters/bucket_objects.h"
#include "app/server/assembly/domains.h"
#include "aws/admin/operations.h"
#include "aws/rekognition/collection_search.h"
#include "aws/rekognition/model.h"
#include "aws/rekognition/operations.h"
#include "cloud/buckets/buckets.h"
#include "sight/collections/face_collections.h"
#include "sight/jobs/jobs.h"
#include "store/database.h"

namespace sightline::server {
namespace {

const std::array kRekognitionServices = {&aws::rekognition::kService};
constexpr std::string_view kRekognitionKeeps[] = {"collections.db", "jobs"};

class RekognitionDomain final : public Domain {
 public:
  RekognitionDomain(std::unique_ptr<store::Database> tables,
                    std::unique_ptr<collections::FaceCollections> collections, const Environment& environment)
      : tables_(std::move(tables)),
        collections_(std::move(collections)),
        face_search_(*collections_, environment.vision),
        launcher_(jobs::launch_program(environment.worker)) {}

  static Result<std::unique_ptr<Domain>> open(Assembly& assembly) {
    auto tables = TRY(collections::open_tables(assembly.stores));
    auto opened = TRY(
        collections::FaceCollections::open(*tables, assembly.environment.clock, assembly.environment.random));
    return std::make_unique<RekognitionDomain>(std::move(tables), std::move(opened), assembly.environment);
  }

  Result<void> join(Assembly& assembly) override {
    auto& buckets = assembly.get<buckets::Buckets>();
    images_.emplace(object_reader(buckets));
    clips_.emplace(buckets, assembly.folder);
    jobs_ = TRY(open_jobs(assembly));
    aws::admin::add_job_operations(assembly.operations, *jobs_, assembly.environment.pools.quick);
    const Environment& environment = assembly.environment;
    aws::rekognition::add_operations(assembly.operations,
                                     {*images_, environment.vision, *collections_, *jobs_, environment.random,
                                      environment.pools.inference, environment.pools.quick});
    add_metrics(assembly.metrics);
    return {};
  }

  Result<void> run_maintenance(std::stop_token /*stop*/) override {
    return collections_->wait_until_loaded();
  }

  void stop() override { jobs_->stop(); }

  std::string unfinished() const override {
    const jobs::JobCounters counters = jobs_->counters();
    const std::size_t left = counters.working + counters.waiting;
    return left == 0 ? "" : fmt::format("stored videos that are not done: {}", left);
  }

 private:
  Result<std::unique_ptr<jobs::Jobs>> open_jobs(const Assembly& assembly) {
    const Environment& environment = assembly.environment;
    jobs::JobsOptions options;
    options.interval = environment.settings.sample_interval;
    // A worker uses more than one core by itself.
    options.workers = static_cast<std::size_t>(std::max(1, cores() / 2));
    return jobs::Jobs::open(assembly.folder / "jobs",
                            {assembly.stores, environment.clock, environment.random, *clips_, face_search_,
                             *launcher_, [&environment](std::string_view what) { environment.tell(what); }},
                            options);
  }

  void add_metrics(MetricRegistry& metrics) {
    const auto read = [this](auto jobs::JobCounters::* counter) {
      return [this, counter] { return jobs_->counters().*counter; };
    };
    metrics.gauge("sightline_video_jobs_waiting", "Stored videos that wait for a worker.",
                  read(&jobs::JobCounters::waiting));
    metrics.gauge("sightline_video_jobs_working", "Stored videos that are worked on.",
                  read(&jobs::JobCounters::working));
    metrics.counter("sightline_video_jobs_succeeded_total", "Jobs on stored videos that succeeded.",
                    read(&jobs::JobCounters::succeeded));
    metrics.counter("sightline_video_jobs_failed_total", "Jobs on stored videos that failed.",
                    read(&jobs::JobCounters::failed));
    metrics.counter("sightline_video_worker_crashes_total", "Workers that died, hung or were not understood.",
                    read(&jobs::JobCounters::crashes));
    metrics.counter("sightline_video_frames_total", "Frames of stored videos looked at.",
                    read(&jobs::JobCounters::frames));
  }

  const std::unique_ptr<store::Database> tables_;
  const std::unique_ptr<collections::FaceCollections> collections_;
  aws::rekognition::CollectionSearch face_search_;
  const std::unique_ptr<jobs::WorkerLauncher> launcher_;
  std::optional<aws::rekognition::ImageSource> images_;
  std::optional<BucketObjects> clips_;
  std::unique_ptr<jobs::Jobs> jobs_;
};

}  // namespace

const DomainKind& rekognition_domain() {
  static const DomainKind kind{.name = "rekognition",
                               .keeps = {kRekognitionKeeps, "faces of collections, results of jobs",
                                         "the disk; results go seven days after their job has ended"},
                               .services = kRekognitionServices,
                               .open = RekognitionDomain::open};
  return kind;
}

}  // namespace sightline::server
