#pragma once
// For this module's tests: buckets in a temporary folder, with an outbox and a clock that stands.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "base/set_clock.h"
#include "cloud/buckets/buckets.h"

namespace sightline::buckets::test {

inline constexpr std::string_view kAccount = "000000000000";
inline constexpr std::string_view kRegion = "us-east-1";
/// Whom the buckets of these tests notify of everything.
inline constexpr std::string_view kTarget = "arn:aws:sqs:us-east-1:000000000000:all";

class BucketsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "buckets_XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    open_buckets();
  }
  void TearDown() override {
    close_buckets();
    std::filesystem::remove_all(folder_);
  }

  void open_buckets(const store::StoreOptions& options = {.run_twice = true}) {
    auto database = open_tables(*store::stores_in_folder(folder_, options));
    ASSERT_TRUE(database) << database.error().message;
    database_ = std::move(*database);
    auto blobs = store::open_blob_folder(folder_ / "blobs", random_);
    ASSERT_TRUE(blobs) << blobs.error().message;
    blobs_ = std::move(*blobs);
    outbox_ = std::make_unique<store::Outbox>(*database_, clock_, random_);
    buckets_ = std::make_unique<Buckets>(*database_, *blobs_, clock_, random_, BucketsOptions{outbox_.get()});
    EXPECT_TRUE(buckets_->load());
    // As a server does when it starts; a later sweep finds whatever no table names.
    EXPECT_TRUE(buckets_->sweep());
  }
  void close_buckets() {
    buckets_.reset();
    outbox_.reset();
    blobs_.reset();
    database_.reset();
  }

  static ObjectName name(std::string_view key, std::string_view bucket = "pictures") {
    return {std::string(kAccount), std::string(bucket), std::string(key)};
  }
  void make_bucket(std::string_view bucket = "pictures") {
    const auto made = buckets_->create_bucket(kAccount, kRegion, bucket);
    ASSERT_TRUE(made) << made.error().error.message;
    const auto set = buckets_->set_notifications(
        kAccount, bucket, {{"all", std::string(kTarget), {"s3:ObjectCreated:*", "s3:ObjectRemoved:*"}}},
        false, {});
    ASSERT_TRUE(set) << set.error().error.message;
  }
  ContentWriter content(std::string_view text, ChecksumAlgorithm algorithm = ChecksumAlgorithm::crc64nvme) {
    auto writer = buckets_->new_content(algorithm);
    EXPECT_TRUE(writer);
    // In two pieces.
    EXPECT_TRUE(writer->write(text.substr(0, text.size() / 2)));
    EXPECT_TRUE(writer->write(text.substr(text.size() / 2)));
    return std::move(*writer);
  }
  Answer<ObjectInfo> put(std::string_view key, std::string_view text, const PutOptions& options = {}) {
    return buckets_->put(name(key), content(text), options);
  }
  /// The object's bytes from an offset on; "(none)" where there is no object.
  std::string get(const ObjectName& object, std::uint64_t offset = 0, std::size_t most = SIZE_MAX) {
    const auto reader = buckets_->open(object);
    return reader ? read(**reader, offset, most) : "(none)";
  }
  std::string get(std::string_view key) { return get(name(key)); }
  static std::string read(ObjectReader& reader, std::uint64_t offset = 0, std::size_t most = SIZE_MAX) {
    std::string out;
    char buffer[5];
    while (out.size() < most) {
      const auto count = reader.read_at(offset + out.size(),
                                        std::span(buffer).first(std::min(sizeof(buffer), most - out.size())));
      EXPECT_TRUE(count) << count.error().message;
      if (!count || *count == 0) break;
      out.append(buffer, *count);
    }
    return out;
  }
  std::size_t blob_files() const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_ / "blobs"))
      if (entry.is_regular_file()) ++count;
    return count;
  }
  /// "change bucket/key size" of each event that waits, in their order; confirms them.
  std::vector<std::string> events() {
    std::vector<std::string> out;
    while (true) {
      const auto claimed = outbox_->claim(kObjectEvents, 10);
      EXPECT_TRUE(claimed);
      if (!claimed || claimed->empty()) return out;
      for (const store::Event& event : *claimed) {
        const auto told = decode_event(event);
        EXPECT_TRUE(told);
        out.push_back(std::to_string(static_cast<int>(told->change)) + " " + told->bucket + "/" + told->key +
                      " " + std::to_string(told->size));
        EXPECT_TRUE(outbox_->confirm(event));
      }
    }
  }

  std::filesystem::path folder_;
  SetClock clock_;
  SystemRandom random_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<store::BlobStore> blobs_;
  std::unique_ptr<store::Outbox> outbox_;
  std::unique_ptr<Buckets> buckets_;
};

template <typename T>
std::optional<Problem> problem(const Answer<T>& answer) {
  return answer ? std::nullopt : std::optional(answer.error().problem);
}

}  // namespace sightline::buckets::test
