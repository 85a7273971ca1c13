// Buckets and their objects: S3.

#include "cloud/buckets/buckets.h"

#include <array>

#include "app/server/assembly/domains.h"
#include "aws/s3/model.h"
#include "aws/s3/operations.h"
#include "store/blobs.h"
#include "store/database.h"

namespace sightline::server {
namespace {

const std::array kBucketServices = {&aws::s3::kService};
constexpr std::string_view kBucketsKeeps[] = {"buckets.db", "blobs"};

class BucketDomain final : public Domain {
 public:
  BucketDomain(std::unique_ptr<store::Database> tables, std::unique_ptr<store::BlobStore> blobs,
               const Environment& environment)
      : tables_(std::move(tables)),
        blobs_(std::move(blobs)),
        buckets_(*tables_, *blobs_, environment.clock, environment.random) {}

  static Result<std::unique_ptr<Domain>> open(House& house) {
    auto tables = TRY(buckets::open_tables(house.stores));
    auto blobs =
        TRY(store::open_blob_folder(house.folder / "blobs", house.environment.random, house.reserve));
    auto domain = std::make_unique<BucketDomain>(std::move(tables), std::move(blobs), house.environment);
    house.provide(domain->buckets_);
    return domain;
  }

  Result<void> join(House& house) override {
    Pools& pools = house.environment.pools;
    aws::s3::add_operations(house.operations, {buckets_, pools.quick, pools.transfer});
    return {};
  }

  /// Contents that no table names.
  Result<void> run_maintenance(std::stop_token stop) override {
    TRY(buckets_.sweep(std::move(stop)));
    return {};
  }

 private:
  const std::unique_ptr<store::Database> tables_;
  const std::unique_ptr<store::BlobStore> blobs_;
  buckets::Buckets buckets_;
};

}  // namespace

const DomainKind& buckets_domain() {
  static const DomainKind kind{.name = "buckets",
                               .keeps = {kBucketsKeeps, "objects and what is known of them",
                                         "the disk; an object goes when it is deleted"},
                               .services = kBucketServices,
                               .fallback = &aws::s3::kService,
                               .open = BucketDomain::open};
  return kind;
}

}  // namespace sightline::server
