#pragma once
// Objects of buckets as pictures and clips to analyse: what buckets and seeing know of each other.

#include <filesystem>

#include "aws/rekognition/image_source.h"
#include "cloud/buckets/buckets.h"
#include "sight/jobs/object_source.h"

namespace sightline::server {

/// A small object whole.
[[nodiscard]] aws::rekognition::ReadObject object_reader(buckets::Buckets& buckets);

/// Thread-safe. What is stored as one file is given as that: it never changes, and stays readable when the
/// object is replaced or deleted. What came in parts is copied into a file without a name in `folder`.
class BucketObjects final : public jobs::ObjectSource {
 public:
  BucketObjects(buckets::Buckets& buckets, std::filesystem::path folder)
      : buckets_(buckets), folder_(std::move(folder)) {}

  [[nodiscard]] Result<jobs::ObjectFacts> find(const jobs::ObjectRequest& request) override;
  [[nodiscard]] Result<jobs::OpenedObject> open(const jobs::ObjectRequest& request,
                                                const std::atomic<bool>& stop) override;

 private:
  buckets::Buckets& buckets_;
  const std::filesystem::path folder_;
};

}  // namespace sightline::server
